import type { Socket } from 'node:net'
import type { RecurringLines } from '../../observe/log/recurring-lines.js'
import { resetSocket } from '../exchange/client-socket.js'
import { plainAddress } from './peer.js'

/**
 * Cuts the connections of clients that take nothing of what waits for them, which would be kept, with an upstream's
 * connection perhaps, for as long as they like. Looked at from time to time, which costs requests nothing.
 *
 * What a client takes is seen in steps: the kernel says that there is room again once about a third of its buffer is free.
 */
export class SendTimeout {
  readonly #watched = new Map<Socket, Stall>()
  readonly #timer: NodeJS.Timeout

  /** @param limit milliseconds */
  constructor(limit: number, recurring: RecurringLines) {
    const look = () => {
      const now = performance.now()
      for (const [socket, stall] of this.#watched) {
        if (!hasStalled(socket, stall, now - limit, now)) continue
        const client = plainAddress(socket.remoteAddress ?? '')
        const why = 'takes nothing'
        recurring.add('info', { event: 'client.cut', client, why }, [why])
        resetSocket(socket)
      }
    }
    this.#timer = setInterval(look, Math.min(limit / 4, LOOK_MILLISECONDS)).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  watch(socket: Socket): void {
    this.#watched.set(socket, { taken: 0, since: undefined })
    socket.once('close', () => this.#watched.delete(socket))
  }
}

interface Stall {
  taken: number
  /** When it took something last, or when something began to wait. */
  since: number | undefined
}

function hasStalled(socket: Socket, stall: Stall, before: number, now: number): boolean {
  if (socket.writableLength === 0) {
    stall.since = undefined
    return false
  }
  // What Node has handed to the kernel counts as taken.
  const taken = socket.bytesWritten - socket.writableLength
  if (stall.since === undefined || taken > stall.taken) stall.since = now
  stall.taken = taken
  return stall.since <= before
}

const LOOK_MILLISECONDS = 1_000
