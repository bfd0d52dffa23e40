import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pino } from 'pino'
import type { Test } from 'tap'
import { decision } from '../../src/cors/decision.js'
import { answerFault } from '../../src/gateway/exchange/answer-fault.js'
import type { UpstreamOutcome } from '../../src/gateway/exchange/exchange.js'
import { forward } from '../../src/gateway/exchange/transport.js'
import { requestHeaders } from '../../src/gateway/forward/request-headers.js'
import { clientHeaders } from '../../src/gateway/forward/response-headers.js'
import { SendTimeout } from '../../src/gateway/listener/send-timeout.js'
import type { TlsMaterial } from '../../src/gateway/upstream/dial.js'
import { FAILURES } from '../../src/gateway/upstream/failure.js'
import { type PoolOptions, UpstreamPool } from '../../src/gateway/upstream/upstream-pool.js'
import { RecurringLines } from '../../src/observe/log/recurring-lines.js'
import type { RawClient } from '../helpers/raw-client.js'

export interface Gateway {
  readonly port: number
  readonly pool: UpstreamPool
  readonly outcomes: UpstreamOutcome[]
  /** What was thrown on the way of a response. */
  readonly faults: unknown[]
  /** The nth outcome, now or when it comes. */
  outcome(index?: number): Promise<UpstreamOutcome>
}

export interface GatewayOptions extends Partial<PoolOptions> {
  bodyLimit?: number
  /** Milliseconds. */
  sendTimeout?: number
  material?: TlsMaterial
  responseHeaders?: (raw: readonly string[]) => string[]
  prepare?: (response: ServerResponse) => void
}

/** The transport behind a bare Node server, which is all that it needs. */
export async function gateway(t: Test, origin: string, options: GatewayOptions = {}): Promise<Gateway> {
  const {
    bodyLimit = 1_000_000,
    sendTimeout = 60_000,
    material,
    responseHeaders = raw => clientHeaders(NOT_CORS, raw).headers,
    prepare,
    ...pool
  } = options
  const upstreamPool = new UpstreamPool(
    {
      origin,
      tls: { dangerouslySkipVerify: false },
      timeouts: { connect: 1_000, headers: 5_000, idle: 5_000 },
      connections: 4,
      queue: 4,
      ...pool,
    },
    material,
  )
  const outcomes: UpstreamOutcome[] = []
  const faults: unknown[] = []
  const events = new EventEmitter()
  const handle = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    prepare?.(response)
    forward({
      request,
      response,
      pool: upstreamPool,
      path: request.url!,
      headers: requestHeaders(request.rawHeaders, {
        authority: upstreamPool.authority,
        requestId: 'r1',
        forwarded: [],
      }),
      bodyLimit,
      expectsContinue,
      responseHeaders: (_status, raw) => responseHeaders(raw),
      refuse: failure =>
        response.writeHead(FAILURES[failure].status, ['Content-Length', String(failure.length)]).end(failure),
      onFault: error => {
        faults.push(error)
        answerFault(request, response)
      },
      onUpstream: outcome => {
        outcomes.push(outcome)
        events.emit('outcome')
      },
    })
  }
  const server = createServer((request, response) => handle(request, response, false))
  const watch = new SendTimeout(sendTimeout, new RecurringLines(pino({ level: 'silent' })))
  server.on('connection', socket => watch.watch(socket))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    handle(request, response, true),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
    watch.close()
    void upstreamPool.close()
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    pool: upstreamPool,
    outcomes,
    faults,
    async outcome(index = 0) {
      while (outcomes.length <= index) await once(events, 'outcome')
      return outcomes[index]!
    },
  }
}

/** As of a request that CORS has no say in. */
const NOT_CORS = decision('not-cors', 'not-cors')

export const GET = 'GET /a?b=%2F HTTP/1.1\r\nHost: api.test\r\n\r\n'
export const HEAD = GET.replace('GET', 'HEAD')

export function post(body: string, headers = ''): string {
  return `POST / HTTP/1.1\r\nHost: api.test\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`
}

/** That the connection and the pool are as good as new. */
export async function nextIsClean(t: Test, client: RawClient): Promise<void> {
  client.send(GET)
  const response = await client.response()
  t.same(
    [response.status, response.body.toString(), response.complete],
    [200, 'clean', true],
    'the next is clean',
  )
}
