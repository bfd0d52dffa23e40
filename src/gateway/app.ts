import { METHODS } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import httpProxy from '@fastify/http-proxy'
import fastify, { type FastifyInstance } from 'fastify'
import { answerDecision, answerFailure, isEnding } from './answer.js'
import { holdContinue } from './expect-continue.js'
import { forwardRequest } from './forward.js'
import type { GatewayParts } from './gateway-parts.js'
import { MIN_TLS, watchKeyPair } from './listener-tls.js'
import { answerParseError } from './parse-error.js'
import { openRequest, type RequestContext } from './request-context.js'
import { traceRequests } from './tracing.js'
import { acceptUpgrades } from './upgrade.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the request is decided and is to be forwarded. */
    crossgate: RequestContext | undefined
  }
}

/**
 * The data plane: one Fastify app for the life of the process. A request is decided in the first hook; what is
 * answered here ends there, and only what is to be forwarded reaches the proxy.
 */
export async function createGateway(parts: GatewayParts): Promise<FastifyInstance> {
  const app = fastify({
    ...serverOptions(parts),
    // The router must have no opinion on paths: whatever it read differently from `parseTarget` would be a hole. It
    // sees one path for everything; the policy's own table chooses the route.
    rewriteUrl: () => '/',
    clientErrorHandler: (error, socket) => answerParseError(parts, error, socket),
  })
  // Fastify reads a body's Content-Type before the handler (a 415 for what is no media type): a proxy has no business
  // there, so no method has a body as far as Fastify is concerned. It also registers PURGE, QUERY and the like.
  for (const method of SERVED_METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })

  if (parts.settings.tracing === 'otel') await traceRequests(app)
  app.decorateRequest('crossgate', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    if (isEnding(request.raw.socket)) {
      reply.hijack()
      return
    }
    const context = openRequest(parts, request.raw, request.originalUrl, undefined)
    if (parts.recorder.blocked) {
      reply.hijack()
      answerFailure(context, reply.raw, 'audit-unavailable')
      return
    }
    if (context.evaluation.decision.action === 'forward') {
      request.crossgate = context
      return done()
    }
    reply.hijack()
    answerDecision(context, reply.raw)
  })
  await app.register(httpProxy, {
    // Never dialled: the handler takes the upstream from the route.
    upstream: 'http://crossgate.invalid',
    httpMethods: SERVED_METHODS,
    // In place of its handler, which would read the path once more and build three URLs that nobody asks for.
    preHandler: (request, reply, done) => {
      if (request.crossgate === undefined) return done()
      reply.hijack()
      forwardRequest(parts, request.crossgate, reply.raw)
    },
  })

  // Node would drop what is over its own limit; see requestFault.
  app.server.maxHeadersCount = 0
  app.server.prependListener('request', (_, response) => {
    parts.recorder.requestStarted()
    response.once('close', () => parts.recorder.requestEnded())
  })
  app.server.maxConnections = parts.settings.maxConnections
  if (parts.keyPair !== undefined)
    watchKeyPair(app.server as unknown as HttpsServer, parts.settings, parts.keyPair, parts.log)
  holdContinue(app.server)
  acceptUpgrades(parts, app)
  return app
}

function serverOptions({ settings, keyPair }: GatewayParts): object {
  const server = {
    insecureHTTPParser: false,
    // Node's own 400 would leave no record: requestFault refuses what has no Host.
    requireHostHeader: false,
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headersTimeout,
    connectionsCheckingInterval: 1000,
  }
  return {
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // While draining, requests on open connections are still served, with Connection: close.
    return503OnClosing: false,
    requestTimeout: settings.requestTimeout,
    keepAliveTimeout: settings.keepAliveTimeout,
    maxRequestsPerSocket: settings.maxRequestsPerSocket,
    // HTTP/1.1 alone, also by ALPN: no HTTP/2 stack stands between a request and the rows of docs/promises.md.
    ...(keyPair === undefined ? { http: server } : { https: { ...server, ...keyPair, minVersion: MIN_TLS } }),
  }
}

const SERVED_METHODS = METHODS.filter(method => method !== 'CONNECT')
