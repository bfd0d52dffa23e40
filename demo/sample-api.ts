import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { close, listen } from './listen.js'
import { readJson } from './read-json.js'
import { SampleData } from './sample-data.js'

/**
 * A small shop's API whose CORS headers are wrong in the classic ways, each on a path of its own. It is what the
 * gateway is put in front of: none of these headers may reach a browser through it. Never copy anything from here.
 */
export async function startSampleApi(options: { host: string; port: number }): Promise<SampleApi> {
  const data = new SampleData()
  const byMethod = new Map<string, number>()
  const requests = (): RequestCounts => ({
    total: [...byMethod.values()].reduce((sum, count) => sum + count, 0),
    byMethod: Object.fromEntries(byMethod),
  })

  const server = createServer((request, response) => {
    const { method = 'GET' } = request
    const url = new URL(request.url ?? '/', 'http://sample')
    if (url.pathname === '/count')
      return send(response, 200, { 'Access-Control-Allow-Origin': '*' }, requests())
    byMethod.set(method, (byMethod.get(method) ?? 0) + 1)
    // As many APIs do, so that a page can quote it; the policy of the demo exposes it.
    const id = request.headers['x-request-id']
    if (id !== undefined) response.setHeader('X-Request-Id', id)
    handle(data, request, response, url).catch(() => response.destroy())
  })
  const url = await listen(server, options.host, options.port, 'the sample API')
  return { url, requests, close: () => close(server) }
}

export interface SampleApi {
  readonly url: string
  /** Everything received so far but `/count`: what the gateway denies must not change it. */
  requests(): RequestCounts
  close(): Promise<void>
}

export interface RequestCounts {
  readonly total: number
  readonly byMethod: Readonly<Record<string, number>>
}

async function handle(
  data: SampleData,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { origin, cookie = '' } = request.headers
  if (request.method === 'OPTIONS') return send(response, 204, anythingGoes(request))

  const [, resource = '', id] = url.pathname.split('/')
  const headers = MISCONFIGURED.get(resource)?.(origin) ?? {}
  if (resource === 'login') return login(request, response, url, headers)

  const body = await readJson(request)
  if (!body.ok) return send(response, body.status, headers, { error: body.error })
  const user = /(?:^|;\s*)session=(\w+)/.exec(cookie)?.[1]
  const answer = data.answer({ method: request.method ?? 'GET', resource, id, user, body: body.value })
  send(response, answer.status, headers, answer.body)
}

/**
 * Signs Alice in; there is no password, it is a sample. A browser that comes by a link gives the port of the page
 * to go back to: only a port, and only on this host, so that this much at least is no open redirect.
 */
function login(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  headers: OutgoingHttpHeaders,
): void {
  const port = url.searchParams.get('port') ?? ''
  const cookie = { 'Set-Cookie': 'session=alice; Path=/; HttpOnly; SameSite=Lax' }
  if (request.method === 'GET' && /^\d{1,5}$/.test(port)) {
    const back = `http://${request.socket.localAddress}:${port}/?signed-in`
    send(response, 303, { ...headers, ...cookie, Location: back })
    return
  }
  send(response, 200, { ...headers, ...cookie }, { user: 'alice' })
}

type CorsHeaders = (origin: string | undefined) => OutgoingHttpHeaders

const MISCONFIGURED: ReadonlyMap<string, CorsHeaders> = new Map<string, CorsHeaders>([
  // Reflects whoever asks, with credentials: every page on the web may read what the signed-in user may.
  ['orders', reflectsAnyOrigin],
  ['login', reflectsAnyOrigin],
  // `*` with credentials: Fetch forbids the pair, so this works for nobody who needs it.
  ['profile', () => ({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Credentials': 'true' })],
  // `*` twice, as when the API and a proxy in front of it each add one: browsers refuse both.
  ['catalog', () => ({ 'Access-Control-Allow-Origin': ['*', '*'] })],
  // Answers by Origin, may be cached, and forgets `Vary: Origin`: a shared cache gives one origin's answer to another.
  [
    'prices',
    origin => ({ 'Access-Control-Allow-Origin': origin ?? '*', 'Cache-Control': 'public, max-age=60' }),
  ],
  // `*` on internal numbers, because "it is only reachable from the office": so is every page open in the office.
  // And Timing-Allow-Origin: * tells those pages to the microsecond how long each answer took.
  ['stock', () => ({ 'Access-Control-Allow-Origin': '*', 'Timing-Allow-Origin': '*' })],
])

function reflectsAnyOrigin(origin: string | undefined): OutgoingHttpHeaders {
  if (origin === undefined) return {}
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' }
}

// Every OPTIONS, on whatever path, is answered with everything allowed, private networks included, for a day.
function anythingGoes({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return {
    'Access-Control-Allow-Origin': headers.origin ?? '*',
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '*',
    'Access-Control-Allow-Private-Network': 'true',
    'Access-Control-Max-Age': '86400',
  }
}

function send(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body?: unknown): void {
  if (body === undefined) {
    response.writeHead(status, headers).end()
    return
  }
  const text = `${JSON.stringify(body)}\n`
  const entity = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  response.writeHead(status, { ...headers, ...entity }).end(text)
}
