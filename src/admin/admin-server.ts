import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { urlOf } from '../gateway/data-plane.js'
import { SendTimeout } from '../gateway/listener/send-timeout.js'
import type { Operations } from '../gateway/server.js'
import { currentLoad } from '../observe/metrics/current-load.js'
import { SCRIPT } from './console-script.js'
import { STYLE } from './console-style.js'
import { EventStreams } from './event-stream.js'
import { pageAt } from './pages.js'
import { policyJson } from './policy-json.js'

/**
 * Shows a gateway on the admin port: probes, metrics, the policy's state and the console. It only reads, so only GET and
 * HEAD are served; and only under a Host that is its own, so that no web page can reach it by rebinding a name.
 *
 * @param server of `openAdminPort`
 */
export function serveAdmin(operations: Operations, server: Server, hosts: readonly string[]): void {
  const site: Site = {
    operations,
    names: new Set(['localhost', ...hosts]),
    streams: new EventStreams(operations.activity, { most: MOST_STREAMS, lifetime: STREAM_MILLISECONDS }),
  }
  const sendTimeout = new SendTimeout(SEND_MILLISECONDS, operations.recurring)
  server.on('connection', socket => sendTimeout.watch(socket))
  server.once('close', () => sendTimeout.close())
  server.removeAllListeners('request')
  server.on('request', (request, response) => answer(site, request, response))
  operations.log.info({ event: 'admin.started', url: urlOf(server, 'http') })
}

interface Site {
  readonly operations: Operations
  /** Names under which it is asked. */
  readonly names: ReadonlySet<string>
  readonly streams: EventStreams
}

function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value)
  if (!isOwnHost(request.headers.host, site.names)) {
    write(response, 421, TEXT, 'This is not a host of the admin listener; name it with --admin-hosts.\n')
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    write(response, 405, TEXT, 'The admin listener only reads: GET or HEAD.\n')
    return
  }
  const url = new URL(`http://admin${request.url?.startsWith('/') ? request.url : '/'}`)
  respond(site, url, request, response).catch(error => {
    const why = String(error)
    site.operations.recurring.add('error', { event: 'admin.failed', path: url.pathname, error: why }, [why])
    if (response.headersSent) response.destroy()
    else write(response, 500, TEXT, 'The admin listener failed; see the log.\n')
  })
}

async function respond(
  { operations, streams }: Site,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { metrics, readiness } = operations
  switch (url.pathname) {
    case '/healthz':
      return write(response, 200, TEXT, 'ok\n')
    case '/readyz':
      return write(response, readiness === 'ready' ? 200 : 503, TEXT, `${readiness}\n`)
    case '/metrics':
      return write(response, 200, metrics.contentType, await metrics.exposition())
    case '/policy':
      return write(response, 200, 'application/json', policyJson(operations))
    case '/events':
      if (streams.stream(request, response)) return
      response.setHeader('Retry-After', '15')
      // Kept alive it would be in the way of a probe.
      response.setHeader('Connection', 'close')
      return write(response, 503, TEXT, `All ${MOST_STREAMS} event streams are in use; try again later.\n`)
    case '/console.css':
      return write(response, 200, 'text/css; charset=utf-8', STYLE)
    case '/console.js':
      return write(response, 200, 'text/javascript; charset=utf-8', SCRIPT)
  }
  const render = pageAt(url.pathname)
  if (render === undefined) return write(response, 404, TEXT, 'There is no such page here.\n')
  const load = currentLoad(await metrics.series())
  const page = await render(operations, url.searchParams, load)
  write(response, 200, 'text/html; charset=utf-8', page.text)
}

function write(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

// A name can be rebound to 127.0.0.1 by whoever owns it; an address cannot, unless a name hides in its zone.
function isOwnHost(host: string | undefined, names: ReadonlySet<string>): boolean {
  if (host === undefined) return false
  const name = host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
  return names.has(name) || (isIP(name) !== 0 && !name.includes('%'))
}

const SEND_MILLISECONDS = 15_000
// Well below the connections, so that probes find one.
const MOST_STREAMS = 32
const STREAM_MILLISECONDS = 600_000
const TEXT = 'text/plain; charset=utf-8'
const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  [
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
]
