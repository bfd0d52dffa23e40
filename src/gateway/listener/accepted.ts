import type { Server, Socket } from 'node:net'

/**
 * Remembers what a server has accepted until it has closed, so that a drain can end it. Node's own
 * `closeAllConnections` knows neither a connection that is still in its TLS handshake nor one that was upgraded.
 */
export function rememberAccepted(server: Server): void {
  const sockets = new Set<Socket>()
  accepted.set(server, sockets)
  // Below TLS, too: `secureConnection` comes after the handshake.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
}

/** Cuts every connection of a server that remembers them. */
export function cutAccepted(server: Server): void {
  for (const socket of accepted.get(server) ?? []) socket.destroy()
}

const accepted = new WeakMap<Server, ReadonlySet<Socket>>()
