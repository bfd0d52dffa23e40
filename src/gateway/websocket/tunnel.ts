import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Exchange } from '../exchange/exchange.js'
import { framedHeaders, withoutLength } from '../exchange/framing.js'
import { forward } from '../exchange/transport.js'
import type { ExchangeFailure } from '../upstream/failure.js'
import type { FailureCause } from '../upstream/upstream-error.js'
import { noticeEnd, socketResponse } from './socket-response.js'
import { splice, type TunnelLimits } from './splice.js'

/** A WebSocket handshake that the policy allows: a GET from the server's `upgrade` event. */
export interface TunnelOptions {
  readonly exchange: HandshakeExchange
  /** The client's. It needs an `error` listener from the tick of the `upgrade` event on; this adds its own. */
  readonly socket: Duplex
  /** What the client sent right behind its request. */
  readonly head: Buffer
  readonly limits: TunnelLimits
  /** Called once, when both connections are gone. */
  onClose?(): void
}

/** What a handshake's exchange is made from. */
export interface HandshakeExchange
  extends Pick<Exchange, 'request' | 'pool' | 'path' | 'headers' | 'responseHeaders' | 'onUpstream'> {
  /** Writes the gateway's own answer to `response`, which closes the connection behind it. */
  answerFailure(failure: ExchangeFailure, response: ServerResponse, cause?: FailureCause): void
  /** The same after a fault of ours. */
  answerFault(error: unknown, response: ServerResponse): void
}

export interface Tunnel {
  /** True between the upstream's 101 and the end. */
  readonly open: boolean
  /** Breaks off, at whatever stage. */
  close(): void
  /** Closes an open tunnel with 1001 at both ends; one that is not open yet is broken off. */
  goAway(): void
}

/**
 * Relays a WebSocket handshake and then the two connections. The client gets 101 only after the upstream gave it;
 * any other answer of the upstream is relayed as it is. The handshake holds a connection of the pool, with its
 * timeouts; an open tunnel does not, or long-lived tunnels would starve requests.
 */
export function tunnel(options: TunnelOptions): Tunnel {
  const { exchange, socket, head, onClose } = options
  const { request, pool, path } = exchange
  let upstream: Duplex | undefined
  let goAway: (() => void) | undefined
  const close = (): void => {
    upstream?.destroy()
    socket.destroy()
  }
  // A reset at any moment would otherwise end the process (CVE-2026-129500).
  socket.on('error', noop)
  socket.once('close', () => {
    if (upstream === undefined || upstream.closed) onClose?.()
    else upstream.once('close', () => onClose?.())
  })

  const response = socketResponse(socket, request)
  if (response === undefined) {
    close()
    return { open: false, close, goAway: close }
  }
  const release = noticeEnd(socket, () => response.writableEnded || close())
  forward({
    request,
    response,
    pool,
    path,
    // A handshake has no body: bytes behind it are the first frames, whatever Content-Length says.
    headers: withoutLength(exchange.headers),
    bodyLimit: 0,
    expectsContinue: false,
    responseHeaders: (status, rawHeaders) => exchange.responseHeaders(status, rawHeaders),
    refuse: (failure, cause) => exchange.answerFailure(failure, response, cause),
    onFault: error => {
      const switched = response.headersSent
      exchange.answerFault(error, response)
      if (switched) close()
      else upstream?.destroy()
    },
    onUpstream: outcome => exchange.onUpstream?.(outcome),
    onUpgraded: (to, rawHeaders) => {
      upstream = to
      // The client's end may have been read in this very turn: its socket is destroyed then and `close` is yet to come.
      if (socket.destroyed) return close()
      const first = Buffer.concat([head, release()])
      writeSwitch(response, framedHeaders(101, exchange.responseHeaders(101, rawHeaders)))
      response.detachSocket(socket as Socket)
      goAway = splice(socket, to, first, options.limits)
    },
  })
  return {
    get open() {
      return upstream !== undefined && !socket.destroyed
    },
    close,
    goAway: () => (goAway ?? close)(),
  }
}

// RFC 9110 section 7.8. Connection and Upgrade are hop-by-hop, so they are ours to write.
function writeSwitch(response: ServerResponse, headers: readonly string[]): void {
  response.writeHead(101, [...headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'])
  response.flushHeaders()
}

function noop(): void {}
