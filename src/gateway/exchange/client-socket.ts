import type { Socket } from 'node:net'

/** Ends a connection at once, and so that it does not look like the end of an answer. TLS says that by itself. */
export function resetSocket(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}
