import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { accepts, close, listen } from './listen.js'
import { HOST } from './ports.js'
import { projectRoot } from './project-root.js'
import type { RequestCounts } from './sample-api.js'

/** Whether the policy lists the page's origin: the only thing in which the two pages differ. */
export type PageRole = 'allowed' | 'foreign'

/** What a page has to know of the rest of the demo; asked for at each request, since the gateway starts last. */
export interface PageSurroundings {
  readonly gatewayUrl: string
  readonly apiUrl: string
  /** The other page. */
  readonly otherUrl: string
  readonly requests: () => RequestCounts
}

export interface Page {
  readonly url: string
  close(): Promise<void>
}

/** Serves one page on an origin of its own. The page's files are in demo/page/. */
export async function startPage(role: PageRole, port: number, around: () => PageSurroundings): Promise<Page> {
  const server = createServer((request, response) => {
    serve(role, url, around(), request, response).catch(() => response.destroy())
  })
  const url = await listen(server, HOST, port, `the ${role} page`)
  return { url, close: () => close(server) }
}

async function serve(
  role: PageRole,
  ownUrl: string,
  around: PageSurroundings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, port, searchParams, origin } = new URL(
    request.url ?? '/',
    `http://${request.headers.host ?? HOST}`,
  )
  if (pathname === '/page.css') return send(response, 'text/css', readPageFile('page.css'))
  if (pathname === '/page.js') return send(response, 'text/javascript', readPageFile('page.js'))
  if (pathname === '/facts') return send(response, 'application/json', JSON.stringify(await facts(around)))
  if (pathname !== '/') return send(response, 'text/plain', 'not found\n', 404)

  // http://localhost:8090 is another origin, which the policy doesn't list: a puzzle that nobody asked for.
  if (origin !== ownUrl) return redirect(response, `${ownUrl}/`)
  // Alice signs in where she would in life, on the API's own address, by a link: through the gateway. Cookies know
  // no ports (RFC 6265 section 8.5), so the sample API gets hers too. One try: a browser that refuses cookies
  // still sees the page.
  const signedIn = request.headers.cookie?.includes('session=') === true || searchParams.has('signed-in')
  if (!signedIn) return redirect(response, `${around.gatewayUrl}/login?port=${port}`)
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(around))
  send(response, 'text/html', renderPage(role, ownUrl, around))
}

/** The page's HTML with its blanks filled. */
export function renderPage(role: PageRole, ownUrl: string, around: PageSurroundings): string {
  const values: Record<string, string> = {
    ...WORDS[role],
    role,
    ownUrl,
    otherUrl: around.otherUrl,
    gatewayUrl: around.gatewayUrl,
    apiUrl: around.apiUrl,
  }
  return readPageFile('page.html').replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`page.html: nothing to put for {{${name}}}`)
    return value
  })
}

// What the page can't find out for itself: to a page, "no answer" and "blocked by the browser" are the same TypeError.
async function facts(around: PageSurroundings): Promise<object> {
  const [gateway, api] = await Promise.all(
    [around.gatewayUrl, around.apiUrl].map(url => accepts(HOST, Number(new URL(url).port))),
  )
  return { reachable: { gateway, direct: api }, received: around.requests() }
}

function contentSecurityPolicy({ gatewayUrl, apiUrl }: PageSurroundings): string {
  return `default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; connect-src 'self' ${gatewayUrl} ${apiUrl}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}

function readPageFile(name: string): string {
  return readFileSync(join(projectRoot(), 'demo/page', name), 'utf8')
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end()
}

function send(response: ServerResponse, type: string, body: string, status = 200): void {
  const headers = { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' }
  response.writeHead(status, headers).end(body)
}

const WORDS: Record<PageRole, Record<string, string>> = {
  allowed: {
    heading: 'The allowed page',
    listed: 'The policy lists this origin, in the set <code>storefront</code>.',
    look: 'Look at the column “through Crossgate”: all three fetches should be read, since this page was given that right. Then open the other page.',
    other: 'Open the foreign page',
  },
  foreign: {
    heading: 'A foreign page',
    listed: 'The policy does not list this origin.',
    look: 'Compare the two columns: straight from the API this page reads Alice’s orders, which it should never see; through Crossgate it reads nothing.',
    other: 'Open the allowed page',
  },
}
