import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { answerDecision } from './answer.js'
import { prepareExchange } from './exchange.js'
import type { GatewayParts } from './gateway-parts.js'
import { openRequest, type RequestContext } from './request-context.js'
import { tunnel } from './tunnel.js'

/**
 * Takes the server's upgrade requests. A WebSocket's Origin is decided before the upstream is dialled and before any
 * 101: no header could call it back. Any other upgrade is not ours to take part in; the request under it is served
 * as the plain HTTP request that it also is (RFC 9110 section 7.8), as clients that offer h2c expect.
 */
export function acceptUpgrades(parts: GatewayParts, app: FastifyInstance): void {
  const server = app.server as Server
  // Node drops a CONNECT without a word where nobody listens; it is refused like any other request.
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    answerDecision(openRequest(parts, request, request.url ?? '', undefined), responseOn(request, socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = responseOn(request, socket)
    if (isWebSocket(request)) {
      openTunnel(parts, openRequest(parts, request, request.url ?? '', 'websocket'), response, socket, head)
    } else if (hasBody(request)) {
      // Node has taken its parser off this socket: the body would be read as nothing, or as the next request.
      answerDecision(openRequest(parts, request, request.url ?? '', 'other'), response)
    } else {
      server.emit('request', request, response)
    }
  })
}

function openTunnel(
  parts: GatewayParts,
  context: RequestContext,
  response: ServerResponse,
  socket: Duplex,
  head: Buffer,
): void {
  const exchange =
    context.evaluation.decision.action === 'forward' && prepareExchange(parts, context, response)
  if (exchange) tunnel({ ...exchange, socket, head })
  else answerDecision(context, response)
}

// Node hands over the bare socket; with a response on it, refusals are written by the same code as everywhere else.
function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  // An unhandled reset here would end the process (CVE-2026-129500 was this).
  socket.on('error', () => socket.destroy())
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as never)
  response.once('finish', () => socket.end())
  return response
}

function isWebSocket(request: IncomingMessage): boolean {
  return (
    request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET' && !hasBody(request)
  )
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length']
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
