import type { Socket } from 'node:net'

/** Resolves when a socket has closed, in order or by a reset, or at once; `once(socket, 'close')` rejects at a reset. */
export function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  return new Promise(resolve => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}
