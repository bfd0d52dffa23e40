import type { IncomingMessage, ServerResponse } from 'node:http'

/** One small server, misconfigured in one way or deliberately right, and what the scanner has to say about it. */
export interface RangeCase {
  readonly name: string
  /** Default: api.shop.example. */
  readonly host?: string
  /** Default: https. */
  readonly scheme?: 'http' | 'https'
  /** Default: the name of the case. */
  readonly path?: string
  /** What the scan is given as `-H`. */
  readonly session?: readonly (readonly [string, string])[]
  /** What the scan is given as `--origin`. */
  readonly known?: readonly string[]
  /** `code severity`, all of them; empty: nothing must be found. */
  readonly expects: readonly string[]
  /** Whether it upgrades to a WebSocket, whatever the origin. Default: never. */
  readonly upgrade?: 'always' | 'session'
  readonly serve: Handler
  /** Reads the bytes of a request by itself, as lenient servers do: the Origin of the answer, undefined for none. Only over http. */
  readonly raw?: (lines: readonly string[]) => string | undefined
}

export type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => void

export interface ApiOptions {
  readonly allow?: (origin: string, request: IncomingMessage) => boolean
  readonly credentials?: boolean | string
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Sent with answers to allowed origins. */
  readonly allowed?: Readonly<Record<string, string>>
  readonly cacheControl?: string | undefined
  readonly vary?: string | undefined
  readonly body?: (request: IncomingMessage) => string
  /** Answers OPTIONS instead. */
  readonly preflight?: Handler
  /** Answers every path but the URL's instead of 404. */
  readonly elsewhere?: Handler
}

/** An API with one rule about origins; right about everything that it is not told to be wrong about. */
export function api(options: ApiOptions = {}): Handler {
  const { preflight, elsewhere, body = () => 'data' } = options
  return (request, response, path) => {
    const { pathname } = new URL(`http://base${request.url ?? '/'}`)
    if (pathname !== path) {
      if (elsewhere === undefined) response.writeHead(404).end('no such thing')
      else elsewhere(request, response, path)
      return
    }
    if (request.method === 'OPTIONS' && preflight !== undefined) return preflight(request, response, path)
    writeCors(request, response, options)
    if (request.method === 'OPTIONS') {
      if (response.hasHeader('access-control-allow-origin')) {
        response.setHeader('Access-Control-Allow-Methods', 'GET, POST')
        response.setHeader('Access-Control-Allow-Headers', 'content-type')
      }
      response.writeHead(204).end()
    } else response.end(body(request))
  }
}

/** Writes what `options` say about the request's origin, and nothing else. */
export function writeCors(
  request: IncomingMessage,
  response: ServerResponse,
  { allow = () => false, credentials = false, headers = {}, allowed = {}, ...more }: ApiOptions,
): void {
  const { origin } = request.headers
  const vary = 'vary' in more ? more.vary : 'Origin'
  const cacheControl = 'cacheControl' in more ? more.cacheControl : 'no-store'
  if (vary !== undefined) response.setHeader('Vary', vary)
  if (cacheControl !== undefined) response.setHeader('Cache-Control', cacheControl)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string)
  if (origin === undefined || !allow(origin, request)) return
  response.setHeader('Access-Control-Allow-Origin', origin)
  if (credentials !== false)
    response.setHeader('Access-Control-Allow-Credentials', credentials === true ? 'true' : credentials)
  for (const [name, value] of Object.entries(allowed)) response.setHeader(name, value)
}

/** A preflight answer for whoever `allow` lets in, with these lists. */
export function permits(
  allow: (origin: string) => string | undefined,
  lists: (request: IncomingMessage) => Readonly<Record<string, string>>,
  status = 204,
): Handler {
  return (request, response) => {
    const named = allow(request.headers.origin ?? '')
    if (named !== undefined) response.setHeader('Access-Control-Allow-Origin', named)
    for (const [name, value] of Object.entries(lists(request))) response.setHeader(name, value)
    response.writeHead(status).end()
  }
}
