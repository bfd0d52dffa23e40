import type { Duplex } from 'node:stream'
import type { ResponseEvents } from './response-reader.js'

/** Who hears what becomes of a request; after `onComplete`, `onUpgrade` or `onError` nothing more comes but `onFault`. */
export interface ResponseHandler extends ResponseEvents {
  /** All that came at once has been told, and the response is not whole yet. */
  onRead(): void
  /** The upstream agreed to become a WebSocket: its socket is the handler's from here on. */
  onUpgrade(rawHeaders: readonly string[], socket: Duplex): void
  onError(error: Error): void
  /** Thrown while it was told something, or its request written: a fault of ours, in which the upstream has no part. */
  onFault(error: unknown): void
}
