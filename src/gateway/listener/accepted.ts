import type { Server, Socket } from 'node:net'

/**
 * Remembers what a server has accepted until it has closed, so that a drain can end it. Node's own
 * `closeAllConnections` knows neither a connection that is still in its TLS handshake nor one that was upgraded.
 *
 * What is over `most` is destroyed at once. Not by Node's `maxConnections`: a worker that has as many would give a
 * connection back to the primary, which hands it to the next one, round and round for as long as all are full.
 */
export function rememberAccepted(server: Server, most: number): void {
  const sockets = new Set<Socket>()
  accepted.set(server, sockets)
  // Below TLS, too: `secureConnection` comes after the handshake.
  server.on('connection', (socket: Socket) => {
    if (sockets.size >= most) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
}

/** Cuts every connection of a server that remembers them. */
export function cutAccepted(server: Server): void {
  for (const socket of accepted.get(server) ?? []) socket.destroy()
}

const accepted = new WeakMap<Server, ReadonlySet<Socket>>()
