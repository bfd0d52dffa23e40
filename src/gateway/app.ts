import { type IncomingMessage, METHODS, type RequestListener, type ServerResponse } from 'node:http'
import httpProxy from '@fastify/http-proxy'
import fastify, { type FastifyInstance } from 'fastify'
import { forwardRequest } from './forward/forward.js'
import { connectionOf } from './listener/client-connection.js'
import { guarded } from './listener/guarded.js'
import { createListener } from './listener/listener.js'
import { answerDecision } from './request/answer.js'
import { contextOf, keepContext } from './request/context-of.js'
import type { GatewayParts } from './request/gateway-parts.js'
import { answerParseError } from './request/parse-error.js'
import { openRequest } from './request/request-context.js'
import { traceRequests } from './request/tracing.js'
import { acceptUpgrades } from './websocket/upgrade.js'

/**
 * The data plane: one Fastify app for the life of the process. A request is decided before Fastify hears of it; what is
 * answered here ends there, and only what is to be forwarded reaches the proxy. Where requests are traced, Fastify's
 * first hook decides instead, so that refusals have a span too.
 */
export async function createGateway(parts: GatewayParts): Promise<FastifyInstance> {
  const traced = parts.settings.tracing === 'otel'
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: NO_SCHEMAS },
    forceCloseConnections: 'idle',
    // While draining, requests on open connections are still served, with Connection: close.
    return503OnClosing: false,
    serverFactory: (handler: RequestListener) =>
      createListener(
        parts,
        traced
          ? handler
          : (request, response) => {
              if (admit(parts, request, response, request.url ?? '')) handler(request, response)
            },
      ),
    // The router must have no opinion on paths: whatever it read differently from `parseTarget` would be a hole. It
    // sees one path for everything; the policy's own table chooses the route.
    rewriteUrl: () => '/',
    clientErrorHandler: guarded(
      parts.recurring,
      (error, socket) => answerParseError(parts, error, socket),
      (_, socket) => socket.destroy(),
    ),
  })
  // Fastify reads a body's Content-Type before the handler (a 415 for what is no media type): a proxy has no business
  // there, so no method has a body as far as Fastify is concerned. It also registers PURGE, QUERY and the like.
  for (const method of SERVED_METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })

  if (traced) {
    await traceRequests(app)
    app.addHook('onRequest', (request, reply, done) => {
      if (admit(parts, request.raw, reply.raw, request.originalUrl)) done()
      else reply.hijack()
    })
  }
  await app.register(httpProxy, {
    // Never dialled: the handler takes the upstream from the route.
    upstream: 'http://crossgate.invalid',
    httpMethods: SERVED_METHODS,
    // In place of its handler, which would read the path once more and build three URLs that nobody asks for.
    preHandler: (_request, reply, done) => {
      const context = contextOf(reply.raw)
      if (context === undefined) return done()
      reply.hijack()
      forwardRequest(parts, context, reply.raw)
    },
  })
  acceptUpgrades(parts, app)
  return app
}

/**
 * Decides a request, and answers it unless it is to be forwarded.
 *
 * @returns true where it is
 */
function admit(
  parts: GatewayParts,
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
): boolean {
  if (connectionOf(request.socket).isEnding) return false
  const context = openRequest(parts, request, target, undefined)
  keepContext(response, context)
  if (context.evaluation.decision.action !== 'forward') {
    answerDecision(context, response)
    return false
  }
  return true
}

// Routes have no schemas. Named so that Fastify doesn't load the compilers that it would have for them, ajv among
// them, which take a tenth of the time to the first answer.
const NO_SCHEMAS = { buildValidator: noSchemas, buildSerializer: noSchemas }

function noSchemas(): never {
  throw new Error('no route of the gateway has a schema')
}

const SERVED_METHODS = METHODS.filter(method => method !== 'CONNECT')
