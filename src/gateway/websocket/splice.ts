import type { Duplex } from 'node:stream'
import { FrameReader, GOING_AWAY } from './frame-reader.js'

/** How long a WebSocket may live; milliseconds. */
export interface TunnelLimits {
  /** Without a byte in either direction. */
  readonly idle: number
  readonly lifetime: number
}

/**
 * Joins two sockets until both have ended; an error or an abrupt close of one is passed on to the other.
 *
 * @param head what the client sent before the upstream had agreed
 * @returns tells both sides that the gateway is going away (1001) and closes
 */
export function splice(client: Duplex, upstream: Duplex, head: Buffer, limits: TunnelLimits): () => void {
  // One side may end while the other still answers, as with the two Close frames of RFC 6455.
  upstream.allowHalfOpen = true
  join(client, upstream)
  join(upstream, client)
  const down = new Direction(upstream, client, GOING_AWAY.toClient)
  const up = new Direction(client, upstream, GOING_AWAY.toServer)
  if (head.length > 0) up.begin(head)

  const goAway = (): void => {
    down.finish()
    up.finish()
    setTimeout(destroy, FAREWELL_MILLISECONDS).unref()
  }
  const destroy = (): void => {
    client.destroy()
    upstream.destroy()
  }
  const idle = setTimeout(goAway, limits.idle)
  const lifetime = setTimeout(goAway, limits.lifetime)
  const busy = (): unknown => idle.refresh()
  client.on('data', busy)
  upstream.on('data', busy)
  client.once('close', () => {
    clearTimeout(idle)
    clearTimeout(lifetime)
  })
  client.pipe(upstream)
  upstream.pipe(client)
  return goAway
}

/** One direction of a tunnel, with the place where a last frame may be put in. */
class Direction {
  readonly #from: Duplex
  readonly #to: Duplex
  readonly #lastFrame: Buffer
  readonly #frames = new FrameReader()
  #finishing = false

  constructor(from: Duplex, to: Duplex, lastFrame: Buffer) {
    this.#from = from
    this.#to = to
    this.#lastFrame = lastFrame
    from.on('data', (chunk: Buffer) => {
      this.#frames.read(chunk)
      // Behind the chunk, which `pipe` is about to write.
      if (this.#finishing) process.nextTick(() => this.#end())
    })
  }

  begin(head: Buffer): void {
    this.#frames.read(head)
    this.#to.write(head)
  }

  /** Ends with the last frame, now or when the frame under way is through. */
  finish(): void {
    this.#finishing = true
    this.#end()
  }

  #end(): void {
    if (!this.#frames.between || this.#to.writableEnded) return
    this.#from.unpipe(this.#to)
    this.#from.resume()
    this.#to.end(this.#lastFrame)
  }
}

function join(side: Duplex, other: Duplex): void {
  side.on('error', () => other.destroy())
  side.once('close', () => {
    if (!side.readableEnded) other.destroy()
  })
  // `pipe` ends the other side; one that never ends in turn must not keep both for ever.
  const ended = () => {
    const timer = setTimeout(() => {
      side.destroy()
      other.destroy()
    }, GRACE_MILLISECONDS)
    side.once('close', () => other.closed && clearTimeout(timer))
    other.once('close', () => side.closed && clearTimeout(timer))
  }
  if (side.readableEnded) ended()
  else side.once('end', ended)
}

const GRACE_MILLISECONDS = 10_000
const FAREWELL_MILLISECONDS = 2_000
