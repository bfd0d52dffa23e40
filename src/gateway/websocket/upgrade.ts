import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { hasBody } from '../exchange/framing.js'
import { CLIENT_CLOSED_REQUEST, PreparedExchange } from '../forward/prepare-exchange.js'
import { guarded } from '../listener/guarded.js'
import { answerDecision } from '../request/answer.js'
import type { GatewayParts } from '../request/gateway-parts.js'
import { openRequest, type RequestContext } from '../request/request-context.js'
import { socketResponse } from './socket-response.js'
import { type Tunnel, tunnel } from './tunnel.js'

/**
 * Takes the server's upgrade requests. A WebSocket's Origin is decided before the upstream is dialled and before any
 * 101: no header could call it back. Any other upgrade is not ours to take part in; the request under it is served
 * as the plain HTTP request that it also is (RFC 9110 section 7.8), as clients that offer h2c expect.
 */
export function acceptUpgrades(parts: GatewayParts, app: FastifyInstance): void {
  const server = app.server as Server
  const open = new Set<Tunnel>()
  let draining = false
  // A server waits for its tunnels and can't close them, since Node has given the sockets away: their clients are told.
  app.addHook('preClose', done => {
    draining = true
    for (const tunnel of open) tunnel.goAway()
    done()
  })
  const serve = (event: 'connect' | 'upgrade', take: (...asked: UpgradeRequest) => void) => {
    // An unhandled reset here would end the process (CVE-2026-129500 was this).
    server.on(event, (_, socket: Duplex) => socket.on('error', () => socket.destroy()))
    server.on(
      event,
      guarded(parts.recurring, take, (_, socket) => socket.destroy()),
    )
  }
  // Node drops a CONNECT without a word where nobody listens; it is refused like any other request.
  serve('connect', (request, socket) =>
    answer(openRequest(parts, request, request.url ?? '', undefined), socket),
  )
  serve('upgrade', (request, socket, head) => {
    const kind = upgradeKind(request)
    if (kind === 'websocket') {
      const context = openRequest(parts, request, request.url ?? '', 'websocket')
      const opened = openTunnel(parts, context, socket, head, () => {
        if (opened !== undefined && open.delete(opened)) parts.recorder.webSocketClosed()
      })
      if (opened === undefined) return
      open.add(opened)
      parts.recorder.webSocketOpened()
      if (draining) opened.goAway()
    } else if (kind === 'other') {
      // Node has taken its parser off this socket: the body would be read as nothing, or as the next request.
      answer(openRequest(parts, request, request.url ?? '', 'other'), socket)
    } else {
      const lost = () => openRequest(parts, request, request.url ?? '', undefined)
      onResponse(request, socket, lost, response => server.emit('request', request, response))
    }
  })
}

function openTunnel(
  parts: GatewayParts,
  context: RequestContext,
  socket: Duplex,
  head: Buffer,
  onClose: () => void,
): Tunnel | undefined {
  if (context.evaluation.decision.action !== 'forward') return answer(context, socket)
  const exchange = new PreparedExchange(parts, context)
  if (parts.load.overloaded)
    return answerOn(context, socket, response => exchange.refuseUnsent('shed', response))
  // A client that leaves before an answer is recorded too: every request ends in exactly one record.
  socket.once('close', () => context.record(CLIENT_CLOSED_REQUEST))
  const { webSocketIdleTimeout: idle, webSocketLifetime: lifetime } = parts.settings
  return tunnel({ exchange, socket, head, limits: { idle, lifetime }, onClose })
}

function answer(context: RequestContext, socket: Duplex): undefined {
  answerOn(context, socket, response => answerDecision(context, response))
}

function answerOn(
  context: RequestContext,
  socket: Duplex,
  write: (response: ServerResponse) => void,
): undefined {
  onResponse(context.raw, socket, () => context, write)
}

function onResponse(
  request: IncomingMessage,
  socket: Duplex,
  lost: () => RequestContext,
  write: (response: ServerResponse) => void,
): void {
  const response = socketResponse(socket, request)
  if (response !== undefined) {
    // The connection ends with this answer: what the client sends behind its request is nobody's, and a client that ends
    // its side before the answer is whole has left, as it has for Node on any other connection.
    socket.once('end', () => response.writableEnded || socket.destroy())
    socket.resume()
    write(response)
    return
  }
  // Nobody gets an answer any more; the record says so.
  lost().record(CLIENT_CLOSED_REQUEST)
  socket.destroy()
}

type UpgradeRequest = [request: IncomingMessage, socket: Duplex, head: Buffer]

/**
 * What to make of a request that Node calls an upgrade; undefined: nothing, it is served as the plain request that
 * it also is.
 */
export function upgradeKind(request: IncomingMessage): 'websocket' | 'other' | undefined {
  if (isWebSocket(request)) return 'websocket'
  return hasBody(request) ? 'other' : undefined
}

function isWebSocket(request: IncomingMessage): boolean {
  return (
    request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET' && !hasBody(request)
  )
}
