import type { IncomingMessage, Server } from 'node:http'

/**
 * Keeps Node from answering `Expect: 100-continue` by itself: it would say 100 before anything is decided, and a
 * denied upload would be sent in full. Whoever wants the body says it (RFC 9110 section 10.1.1).
 */
export function holdContinue(server: Server): void {
  server.on('checkContinue', (request, response) => {
    waiting.add(request)
    server.emit('request', request, response)
  })
  // Other expectations are no reason to refuse (RFC 9110 section 10.1.1 leaves it open): Node's own 417 would come
  // without a decision and without a record.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}

/** True for a request whose client waits for `100 Continue` before it sends the body. */
export function awaitsContinue(request: IncomingMessage): boolean {
  return waiting.has(request)
}

const waiting = new WeakSet<IncomingMessage>()
