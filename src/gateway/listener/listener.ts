import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { RecurringLines } from '../../observe/log/recurring-lines.js'
import type { Settings } from '../../settings.js'
import { answerFault } from '../exchange/answer-fault.js'
import { rememberAccepted } from './accepted.js'
import { ClientConnection, connectionOf, isThrough, keepConnection } from './client-connection.js'
import { holdContinue } from './expect-continue.js'
import { guarded } from './guarded.js'
import { type KeyPair, MIN_TLS, watchKeyPair } from './listener-tls.js'
import { SendTimeout } from './send-timeout.js'

export interface ListenerParts {
  readonly settings: Settings
  /** Undefined: it speaks plain http. */
  readonly keyPair?: KeyPair | undefined
  readonly recorder: { requestStarted(): void; requestEnded(): void }
  readonly log: Logger
  readonly recurring: RecurringLines
}

/**
 * The server that clients connect to, made here and not by Fastify, which would make a second one for `localhost` that
 * nobody limits or drains. HTTP/1.1 alone, also by ALPN: no HTTP/2 stack stands between a request and the rows of
 * docs/promises.md.
 *
 * @param serve gets every request, those with an `Expect` too
 */
export function createListener(parts: ListenerParts, serve: RequestListener): Server {
  const { settings, keyPair, recorder, log, recurring } = parts
  const options: ServerOptions = {
    insecureHTTPParser: false,
    // Node's own 400 would leave no record: requestFault refuses what has no Host.
    requireHostHeader: false,
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headersTimeout,
    requestTimeout: settings.requestTimeout,
    keepAliveTimeout: settings.keepAliveTimeout,
    connectionsCheckingInterval: 1000,
  }
  const server =
    keyPair === undefined
      ? createServer(options)
      : createSecureServer({
          ...options,
          ...keyPair,
          minVersion: MIN_TLS,
          // Node's own is two minutes.
          handshakeTimeout: settings.headersTimeout,
        })
  server.maxRequestsPerSocket = settings.maxRequestsPerSocket
  // Node would drop what is over its own limit; see requestFault.
  server.maxHeadersCount = 0
  if (keyPair !== undefined) watchKeyPair(server as SecureServer, settings, keyPair, log)
  holdContinue(server)
  rememberAccepted(server, settings.maxConnections)

  const take = guarded(recurring, serve, answerFault)
  const requestEnded = () => recorder.requestEnded()
  const sendTimeout = new SendTimeout(settings.sendTimeout, recurring)
  server.once('close', () => sendTimeout.close())
  server.on(keyPair === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    if (socket.destroyed) return
    keepConnection(socket, new ClientConnection(socket, requestEnded))
    sendTimeout.watch(socket)
  })
  server.on('request', (request, response) => {
    recorder.requestStarted()
    take(request, response)
    connectionOf(request.socket).taken(response, isThrough(request, response))
  })
  return server
}
