import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Sees to it that a response hears `close` when its connection is gone. Node tells only the response whose turn it is;
 * those of requests that were pipelined behind it would wait for ever, with an upstream's connection each and no record.
 */
export function closesWith(socket: Socket, response: ServerResponse): void {
  const open = responses.get(socket) ?? watch(socket)
  open.add(response)
  response.once('close', () => open.delete(response))
}

function watch(socket: Socket): Set<ServerResponse> {
  const open = new Set<ServerResponse>()
  responses.set(socket, open)
  // After Node has told the one it tells.
  socket.once('close', () => process.nextTick(() => open.forEach(tellClosed)))
  return open
}

function tellClosed(response: ServerResponse): void {
  response.destroy()
  response.emit('close')
}

const responses = new WeakMap<Socket, Set<ServerResponse>>()
