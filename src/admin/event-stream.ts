import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Activity } from '../observe/activity/activity.js'

export interface StreamLimits {
  /** How many may be open at once. */
  readonly most: number
  /** Milliseconds; then the page opens another by itself. */
  readonly lifetime: number
}

/**
 * Server-sent events that say only that something happened; the page then fetches itself. At most one in
 * QUIET_MILLISECONDS, however many requests come, and a heartbeat that finds dead connections. What is sent is so little
 * that a reader that has stopped reading may never be noticed, whence the limits.
 */
export class EventStreams {
  readonly #activity: Activity
  readonly #limits: StreamLimits
  #open = 0

  constructor(activity: Activity, limits: StreamLimits) {
    this.#activity = activity
    this.#limits = limits
  }

  /** @returns false where there are too many; then nothing is answered. */
  stream(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#open >= this.#limits.most) return false
    response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' })
    if (request.method === 'HEAD') response.end()
    else this.#begin(response)
    return true
  }

  #begin(response: ServerResponse): void {
    const send = (text: string): void => {
      // A reader that has stopped reading gets no more.
      if (!response.writableNeedDrain) response.write(text)
    }
    send('retry: 2000\n\n')
    let due: NodeJS.Timeout | undefined
    const stop = this.#activity.listen(() => {
      due ??= setTimeout(() => {
        due = undefined
        send('event: changed\ndata: {}\n\n')
      }, QUIET_MILLISECONDS).unref()
    })
    const heartbeat = setInterval(() => send(': here\n\n'), HEARTBEAT_MILLISECONDS).unref()
    const end = setTimeout(() => response.end(), this.#limits.lifetime).unref()
    this.#open++
    response.once('close', () => {
      this.#open--
      stop()
      clearTimeout(due)
      clearInterval(heartbeat)
      clearTimeout(end)
    })
  }
}

const QUIET_MILLISECONDS = 500
const HEARTBEAT_MILLISECONDS = 15_000
