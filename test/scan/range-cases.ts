import type { IncomingMessage, ServerResponse } from 'node:http'
import { domainToUnicode } from 'node:url'
import { api, permits, type RangeCase, writeCors } from './range-server.js'

const OWN = 'https://api.shop.example'
const APP = 'https://www.shop.example'
const any = (): boolean => true
const exactly =
  (...origins: readonly string[]) =>
  (origin: string): boolean =>
    origins.includes(origin)
const matches =
  (pattern: RegExp) =>
  (origin: string): boolean =>
    pattern.test(origin)
const cookie = [['Cookie', 'session=alice-7f3a']] as const
const bySession = ({ headers }: IncomingMessage): string =>
  `user: ${headers.cookie ?? headers.authorization ?? 'nobody'}`
const acac = { 'Access-Control-Allow-Credentials': 'true' }
const lists =
  (methods: string, headers = 'content-type') =>
  () => ({
    ...acac,
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': headers,
  })
let counter = 0

/** Matchers that let in whom they should not, with credentials: one per payload class. */
const MATCHERS: readonly RangeCase[] = [
  trust('reflects any origin', any, 'origin-reflected high'),
  trust('null', exactly('null'), 'origin-null high'),
  trust('contains', origin => origin.includes('api.shop.example'), 'origin-contains high'),
  trust('contains the site', origin => origin.includes('shop.example'), 'origin-contains high'),
  trust('starts with', origin => origin.startsWith(OWN), 'origin-prefix high'),
  trust('regex without an end', matches(/^https:\/\/api\.shop\.example/), 'origin-prefix high'),
  trust('glued', matches(/^https:\/\/api\.shop\.example[a-z0-9]*\.com$/), 'origin-glued-suffix high'),
  trust('any top-level domain', matches(/^https:\/\/api\.shop\.[a-z]+$/), 'origin-other-tld high'),
  trust('ends with', origin => origin.endsWith('shop.example'), 'origin-suffix high'),
  trust('regex without a dot', matches(/^https:\/\/.*shop\.example$/), 'origin-suffix high'),
  trust('is contained in the list', origin => `${OWN} ${APP}`.includes(origin), 'origin-truncated high'),
  trust(
    'host is contained',
    origin => 'api.shop.example'.includes(origin.split('//')[1] ?? '-'),
    'origin-truncated high',
  ),
  trust('bare dots', matches(/^https:\/\/api.shop.example$/), 'origin-unescaped-dot high'),
  trust(
    'stops at a special character',
    matches(/^https:\/\/api\.shop\.example([^.a-z0-9:].*)?$/),
    'origin-special-character high',
  ),
  trust(
    'stops at an underscore',
    matches(/^https:\/\/api\.shop\.example(_.*)?$/),
    'origin-special-character high',
  ),
  trust(
    'stops at what only Safari sends',
    matches(/^https:\/\/api\.shop\.example(\*.*)?$/),
    'origin-special-character high',
  ),
  trust(
    'stops at what nobody sends',
    matches(/^https:\/\/api\.shop\.example(%60.*)?$/),
    'origin-unsendable info',
  ),
  trust('begins with localhost', matches(/^https?:\/\/localhost/), 'origin-localhost-prefix high'),
  trust('a shared host', matches(/^https:\/\/[a-z0-9-]+\.netlify\.app$/), 'origin-shared-hosting high'),
  trust('a playground', exactly('https://cdpn.io'), 'origin-shared-hosting high'),
  trust('folds look-alikes', origin => foldLookAlikes(origin) === OWN, 'origin-idn high'),
  trust(
    'any tenant of the suffix',
    matches(/^https:\/\/[a-z0-9-]+\.github\.io$/),
    'origin-public-suffix high',
    'tenant.github.io',
  ),
  trust('own name over http', exactly(OWN, 'http://api.shop.example'), 'origin-insecure medium'),
  trust('http subdomains', matches(/^http:\/\/([a-z0-9-]+\.)+shop\.example$/), 'origin-insecure medium'),
  trust('subdomains', matches(/^https:\/\/([a-z0-9-]+\.)*shop\.example$/), 'origin-subdomain medium'),
  trust('subdomains of letters', matches(/^https:\/\/[a-z]+\.shop\.example$/), 'origin-subdomain medium'),
  trust('any port', matches(/^https:\/\/api\.shop\.example(:\d+)?$/), 'origin-port low'),
  trust('localhost for developers', exactly(APP, 'http://localhost:3000'), 'origin-localhost low'),
  trust('folds case', origin => origin.toLowerCase() === OWN, 'origin-unsendable info', undefined, [OWN]),
  trust(
    'drops the last slash',
    origin => origin.replace(/\/$/, '') === OWN,
    'origin-unsendable info',
    undefined,
    [OWN],
  ),
  trust('takes user info', origin => origin.startsWith(`${OWN}@`), 'origin-unsendable info'),
  trust('reads a list', origin => origin.split(', ').includes(OWN), 'origin-unsendable info', undefined, [
    OWN,
  ]),
  trust('decimal address', exactly('https://2130706433'), 'origin-unsendable info'),
  trust('forgets to look at long ones', origin => origin.length > 4096, 'origin-unsendable info'),
  {
    name: 'both schemes of subdomains',
    expects: ['origin-insecure medium', 'origin-subdomain medium'],
    serve: api({ allow: matches(/^https?:\/\/([a-z0-9-]+\.)*shop\.example$/), credentials: true }),
  },
  {
    name: 'prefix of a partner',
    known: ['https://partner.example.org'],
    expects: ['origin-prefix high'],
    serve: api({ allow: origin => origin.startsWith('https://partner.example.org'), credentials: true }),
  },
  {
    name: 'prefix, anonymous',
    expects: ['origin-prefix low'],
    serve: api({ allow: origin => origin.startsWith(OWN) }),
  },
  {
    name: 'takes the last of two',
    expects: ['origin-unsendable info'],
    serve: (request, response, path) => {
      const two = request.rawHeaders.filter(name => name.toLowerCase() === 'origin').length > 1
      const headers = two ? { origin: request.rawHeaders[request.rawHeaders.lastIndexOf('Origin') + 1] } : {}
      api({ allow: () => two, credentials: true })(
        Object.assign(request, { headers: { ...request.headers, ...headers } }),
        response,
        path,
      )
    },
  },
]

/** How much can be read. */
const REACH: readonly RangeCase[] = [
  {
    name: 'reflects, session proven',
    session: cookie,
    expects: ['origin-reflected critical'],
    serve: api({ allow: any, credentials: true, body: bySession }),
  },
  {
    name: 'reflects, 401 without session',
    session: cookie,
    expects: ['origin-reflected critical'],
    serve: guarded(any),
  },
  {
    name: 'reflects, HTTP authentication',
    session: [['Authorization', 'Basic YWxpY2U6cGE1NXcwcmQ=']],
    expects: ['origin-reflected critical'],
    serve: api({ allow: any, credentials: true, body: bySession }),
  },
  {
    name: 'reflects, bearer token',
    session: [['Authorization', 'Bearer eyJhbGciOiJub25lIn0']],
    expects: ['origin-reflected high'],
    serve: api({ allow: any, credentials: true, body: bySession }),
  },
  {
    name: 'reflects, session without effect',
    session: cookie,
    expects: ['origin-reflected high'],
    serve: api({ allow: any, credentials: true }),
  },
  {
    name: 'reflects, every answer differs',
    session: cookie,
    expects: ['origin-reflected high'],
    serve: api({ allow: any, credentials: true, body: () => `${counter++}` }),
  },
  {
    name: 'suffix, session proven',
    session: cookie,
    expects: ['origin-suffix critical'],
    serve: api({ allow: origin => origin.endsWith('shop.example'), credentials: true, body: bySession }),
  },
  { name: 'reflects, anonymous', expects: ['origin-reflected low'], serve: api({ allow: any }) },
  {
    name: 'reflects, "True" is not "true"',
    expects: ['origin-reflected low'],
    serve: api({ allow: any, credentials: 'True' }),
  },
  { name: 'null, anonymous', expects: ['origin-null low'], serve: api({ allow: exactly('null') }) },
  { name: 'null always', expects: ['origin-null high'], serve: fixed('null', acac) },
  {
    name: 'reflects over http',
    scheme: 'http',
    expects: ['origin-reflected high'],
    serve: api({ allow: any, credentials: true }),
  },
  { name: 'wildcard', expects: ['wildcard info'], serve: fixed('*') },
  { name: 'wildcard with credentials', expects: ['wildcard-with-credentials low'], serve: fixed('*', acac) },
  { name: 'internal wildcard', host: 'wiki.corp', expects: ['internal-readable medium'], serve: fixed('*') },
  {
    name: 'internal reflection',
    host: 'wiki.internal',
    expects: ['internal-readable medium'],
    serve: api({ allow: any }),
  },
  {
    name: 'internal reflection with credentials',
    host: 'intranet',
    expects: ['origin-reflected high'],
    serve: api({ allow: any, credentials: true }),
  },
  {
    name: 'private address',
    host: '127.0.0.1',
    scheme: 'http',
    expects: ['internal-readable medium'],
    serve: fixed('*'),
  },
  {
    name: 'private address, prefix',
    host: '127.0.0.1',
    scheme: 'http',
    expects: ['origin-prefix high'],
    serve: api({ allow: origin => origin.startsWith('http://127.0.0.1'), credentials: true }),
  },
  {
    name: 'fixed foreign',
    expects: ['origin-static-foreign low'],
    serve: fixed('https://app.partner.test', acac),
  },
  { name: 'fixed http', expects: ['origin-insecure medium'], serve: fixed('http://www.shop.example', acac) },
  { name: 'a list as value', expects: ['acao-malformed low'], serve: fixed(`${OWN}, ${APP}`) },
  { name: 'a list with spaces', expects: ['acao-malformed low'], serve: fixed(`${OWN} ${APP}`, acac) },
  { name: 'a pattern as value', expects: ['acao-malformed low'], serve: fixed('https://*.shop.example') },
  {
    name: 'two lines',
    expects: ['acao-malformed low'],
    serve: api({ headers: { 'Access-Control-Allow-Origin': [OWN, '*'] } }),
  },
  { name: 'a last slash', expects: ['acao-malformed low'], serve: fixed(`${APP}/`, acac) },
  { name: 'undefined', expects: ['acao-malformed low'], serve: fixed('undefined') },
]

const CACHES: readonly RangeCase[] = [
  {
    name: 'no Vary, reflects',
    expects: ['origin-reflected high', 'vary-missing medium'],
    serve: api({ allow: any, credentials: true, vary: undefined, cacheControl: 'public, max-age=600' }),
  },
  {
    name: 'no Vary, allowlist',
    known: [APP],
    expects: ['vary-missing medium'],
    serve: api({ allow: exactly(APP), vary: undefined, cacheControl: 'max-age=60' }),
  },
  {
    name: 'no Vary, dated',
    known: [APP],
    expects: ['vary-missing medium'],
    serve: api({
      allow: exactly(APP),
      vary: 'Accept-Encoding',
      cacheControl: undefined,
      headers: { 'Last-Modified': 'Mon, 02 Nov 2026 10:00:00 GMT' },
    }),
  },
  {
    name: 'no Vary, private',
    known: [APP],
    expects: ['vary-missing low'],
    serve: api({ allow: exactly(APP), vary: undefined, cacheControl: 'private, max-age=60' }),
  },
  {
    name: 'no Vary, nothing said',
    known: [APP],
    expects: ['vary-missing low'],
    serve: api({ allow: exactly(APP), vary: undefined, cacheControl: undefined }),
  },
  {
    name: 'Vary for the allowed only',
    known: [APP],
    expects: ['vary-missing low'],
    serve: api({
      allow: exactly(APP),
      vary: undefined,
      allowed: { Vary: 'Origin' },
      cacheControl: 'max-age=60',
    }),
  },
  {
    name: 'a cache that ignores Origin',
    expects: ['cache-poisoned medium', 'origin-reflected high'],
    serve: cached(),
  },
]

const PREFLIGHTS: readonly RangeCase[] = [
  {
    name: 'preflight reflects',
    expects: ['preflight-wider medium'],
    serve: api({ preflight: permits(origin => origin, lists('GET, PUT, DELETE')) }),
  },
  {
    name: 'preflight wildcard',
    expects: ['preflight-wider medium'],
    serve: api({
      preflight: permits(
        () => '*',
        () => ({ 'Access-Control-Allow-Methods': '*' }),
      ),
    }),
  },
  {
    name: 'preflight with credentials, GET without',
    expects: ['preflight-wider medium', 'wildcard info'],
    serve: api({
      headers: { 'Access-Control-Allow-Origin': '*' },
      preflight: permits(origin => origin, lists('GET, PUT')),
    }),
  },
  {
    name: 'preflight for JSON posts',
    expects: ['preflight-wider medium'],
    serve: api({ preflight: permits(origin => origin, lists('POST')) }),
  },
  {
    name: 'any method',
    expects: ['origin-reflected high', 'preflight-any-method low'],
    serve: api({
      allow: any,
      credentials: true,
      preflight: permits(
        origin => origin,
        request => lists(String(request.headers['access-control-request-method']))(),
      ),
    }),
  },
  {
    name: 'any header',
    expects: ['origin-reflected high', 'preflight-any-header low'],
    serve: api({
      allow: any,
      credentials: true,
      preflight: permits(
        origin => origin,
        request => lists('GET', String(request.headers['access-control-request-headers']))(),
      ),
    }),
  },
  {
    name: 'kept for a month',
    expects: ['preflight-max-age low', 'wildcard info'],
    serve: fixed('*', { 'Access-Control-Max-Age': '2592000' }),
  },
  {
    name: 'tells the refused',
    expects: ['preflight-discloses info'],
    serve: api({ preflight: permits(() => undefined, lists('GET, PUT, PURGE')) }),
  },
  {
    name: 'private network, public host',
    expects: ['origin-reflected high', 'private-network info'],
    serve: api({
      allow: any,
      credentials: true,
      preflight: permits(
        origin => origin,
        () => ({ ...lists('GET, PUT')(), 'Access-Control-Allow-Private-Network': 'true' }),
      ),
    }),
  },
  {
    name: 'private network, router',
    host: 'router.lan',
    expects: ['preflight-wider medium', 'private-network medium'],
    serve: api({
      preflight: permits(
        origin => origin,
        () => ({ ...lists('PUT')(), 'Access-Control-Allow-Private-Network': 'true' }),
      ),
    }),
  },
]

const OTHER_ANSWERS: readonly RangeCase[] = [
  {
    name: 'HEAD reflects',
    expects: ['head-differs high'],
    serve: api({ allow: (_, request) => request.method === 'HEAD', credentials: true }),
  },
  {
    name: 'errors reflect',
    expects: ['elsewhere-accepted high'],
    serve: api({ elsewhere: reflecting(404) }),
  },
  {
    name: 'errors reflect, anonymous',
    expects: ['elsewhere-accepted low'],
    serve: api({ elsewhere: reflecting(404, false) }),
  },
  {
    name: 'bad requests reflect',
    expects: ['elsewhere-accepted high'],
    serve: api({
      elsewhere: (request, response) =>
        (request.url?.includes('%') ? reflecting(400) : notFound)(request, response),
    }),
  },
  {
    name: 'redirects reflect',
    expects: ['elsewhere-accepted info'],
    serve: api({
      elsewhere: (request, response) =>
        (request.url?.endsWith('/') ? reflecting(301) : notFound)(request, response),
    }),
  },
  {
    name: '401 reflects',
    session: cookie,
    expects: ['elsewhere-accepted high'],
    serve: guarded(() => false, true),
  },
  {
    name: 'plain OPTIONS reflects',
    expects: ['options-differs info'],
    serve: api({
      preflight: (request, response) => {
        if (request.headers['access-control-request-method'] === undefined)
          writeCors(request, response, { allow: any, credentials: true })
        response.writeHead(204).end()
      },
    }),
  },
  {
    name: 'fails on a crafted origin',
    expects: ['origin-error info'],
    serve: (request, response, path) => {
      if (request.headers.origin?.includes('@')) response.writeHead(500).end('stack trace')
      else api()(request, response, path)
    },
  },
  {
    name: 'redirects and reflects',
    expects: ['origin-reflected high', 'redirect-not-followed info'],
    serve: reflecting(302),
  },
  {
    name: 'redirects',
    expects: ['redirect-not-followed info'],
    serve: (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end(),
  },
  { name: 'websocket', upgrade: 'always', expects: ['websocket-origin medium'], serve: api() },
  {
    name: 'websocket behind a session',
    upgrade: 'session',
    session: cookie,
    expects: ['websocket-origin critical'],
    serve: api({ body: bySession }),
  },
]

/** Deliberately right: nothing must be found. */
const RIGHT: readonly RangeCase[] = [
  { name: 'no CORS at all', expects: [], serve: api() },
  {
    name: 'exact allowlist',
    known: [APP],
    expects: [],
    serve: api({ allow: exactly(APP, OWN), credentials: true }),
  },
  {
    name: 'exact allowlist, nothing known',
    expects: [],
    serve: api({ allow: exactly(APP, OWN), credentials: true, cacheControl: 'max-age=60' }),
  },
  {
    name: 'allowlist refusing with 403',
    known: [APP],
    expects: [],
    serve: (request, response, path) => {
      if (request.headers.origin !== undefined && request.headers.origin !== APP)
        response.writeHead(403, { Vary: 'Origin' }).end()
      else api({ allow: exactly(APP), credentials: true })(request, response, path)
    },
  },
  {
    name: 'subdomains without credentials',
    expects: [],
    serve: api({ allow: matches(/^https:\/\/([a-z0-9-]+\.)*shop\.example$/) }),
  },
  {
    name: 'localhost without credentials',
    expects: [],
    serve: api({ allow: exactly('http://localhost:3000') }),
  },
  { name: 'one fixed own origin', expects: [], serve: fixed(APP, acac, 'max-age=60') },
  {
    name: 'one fixed foreign origin without credentials',
    expects: [],
    serve: fixed('https://app.partner.test'),
  },
  {
    name: 'a known foreign origin',
    known: ['https://app.partner.test'],
    expects: [],
    serve: fixed('https://app.partner.test', acac),
  },
  {
    name: 'Vary among others',
    known: [APP],
    expects: [],
    serve: api({ allow: exactly(APP), vary: 'Accept-Encoding, ORIGIN', cacheControl: 'max-age=60' }),
  },
  {
    name: 'Vary: *',
    known: [APP],
    expects: [],
    serve: api({ allow: exactly(APP), vary: '*', cacheControl: 'max-age=60' }),
  },
  {
    name: 'not stored, no Vary needed',
    known: [APP],
    expects: [],
    serve: api({ allow: exactly(APP), vary: undefined, cacheControl: 'no-store' }),
  },
  {
    name: 'preflight redirected',
    expects: [],
    serve: api({ preflight: permits(origin => origin, lists('PUT'), 301) }),
  },
  {
    name: 'preflight unauthorised',
    expects: [],
    serve: api({ preflight: permits(origin => origin, lists('PUT'), 401) }),
  },
  {
    name: 'preflight for safelisted requests only',
    expects: ['wildcard info'],
    serve: fixed('*', { 'Access-Control-Allow-Methods': 'GET, HEAD' }),
  },
  { name: 'always fails', expects: [], serve: (_, response) => response.writeHead(500).end() },
  { name: 'an empty value', expects: [], serve: fixed('') },
  { name: 'forbids everyone', expects: [], serve: (_, response) => response.writeHead(403).end() },
  {
    name: 'an error of its own with *',
    expects: [],
    serve: api({
      elsewhere: (_, response) => response.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end(),
    }),
  },
  {
    name: 'session, allowlist',
    session: cookie,
    known: [APP],
    expects: [],
    serve: api({ allow: exactly(APP), credentials: true, body: bySession }),
  },
  { name: 'credentials header alone', expects: [], serve: api({ headers: acac }) },
  { name: 'websocket that looks at Origin', expects: [], serve: api() },
  { name: 'internal without CORS', host: 'wiki.local', expects: [], serve: api() },
  {
    name: 'echo in a header of its own',
    expects: [],
    serve: (request, response) => {
      response.writeHead(200, { 'X-Your-Origin': request.headers.origin ?? 'none', Vary: 'Origin' }).end()
    },
  },
]

/** Servers that read bytes which no client library sends. */
const RAW: readonly RangeCase[] = [
  rawCase('a control byte ends the host', lines =>
    lines
      .map(line => /^Origin: (http:\/\/api\.shop\.example[\0-\x1f].*)$/.exec(line)?.[1])
      .find(origin => origin !== undefined),
  ),
  rawCase('looks before it unfolds', lines => {
    const at = lines.findIndex(line => /^Origin:\s*$/.test(line))
    return at < 0 ? undefined : lines[at + 1]?.trim()
  }),
  rawCase('joins a folded line', lines => {
    const at = lines.findIndex(line => /^Origin: http:\/\/api\.shop\.example:\d+$/.test(line))
    const next = lines[at + 1] ?? ''
    return at >= 0 && next.startsWith(' ') ? `${lines[at]?.slice('Origin: '.length)}${next}` : undefined
  }),
  rawCase('trims names of headers', lines =>
    lines.some(line => line.startsWith('Origin :'))
      ? lines.find(line => line.startsWith('Origin :'))?.slice(9)
      : undefined,
  ),
  rawCase('takes bytes and allows nobody', () => undefined, []),
]

export const RANGE: readonly RangeCase[] = [
  ...MATCHERS,
  ...RAW,
  ...REACH,
  ...CACHES,
  ...PREFLIGHTS,
  ...OTHER_ANSWERS,
  ...RIGHT,
]

function trust(
  name: string,
  allow: (origin: string) => boolean,
  expected: string,
  host?: string,
  known?: readonly string[],
): RangeCase {
  return {
    name,
    ...(host && { host }),
    ...(known && { known }),
    expects: [expected],
    serve: api({ allow, credentials: true }),
  }
}

function rawCase(
  name: string,
  raw: NonNullable<RangeCase['raw']>,
  expects: readonly string[] = ['origin-unsendable info'],
): RangeCase {
  return { name, scheme: 'http', expects, raw, serve: () => {} }
}

function fixed(value: string, more: Record<string, string> = {}, cacheControl = 'no-store') {
  const headers = { 'Access-Control-Allow-Origin': value, ...more }
  return api({ headers, cacheControl, vary: undefined })
}

function reflecting(status: number, credentials = true) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    writeCors(request, response, { allow: any, credentials })
    response.writeHead(status, status < 400 ? { Location: '/' } : {}).end('error')
  }
}

function notFound(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end()
}

/** 401 without a cookie; what it allows depends on whether one is there. */
function guarded(allow: (origin: string) => boolean, refusalReflects = false) {
  const inside = api({ allow, credentials: true })
  return (request: IncomingMessage, response: ServerResponse, path: string): void => {
    if (request.headers.cookie !== undefined || request.method === 'OPTIONS') inside(request, response, path)
    else if (refusalReflects) reflecting(401)(request, response)
    else response.writeHead(401).end()
  }
}

/** A shared cache in front of a reflecting server: its key is the URL, and it obeys `no-store`, in requests too. */
function cached() {
  const kept = new Map<string, string>()
  return (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const url = request.url ?? ''
    const stored = request.headers['cache-control'] === 'no-store' ? undefined : kept.get(url)
    const origin = stored ?? request.headers.origin
    if (request.headers['cache-control'] !== 'no-store' && origin !== undefined) kept.set(url, origin)
    const asked = Object.assign(request, { headers: { ...request.headers, ...(origin && { origin }) } })
    api({ allow: any, credentials: true, cacheControl: 'public, max-age=600' })(asked, response, path)
  }
}

function foldLookAlikes(origin: string): string {
  const [scheme = '', host = ''] = origin.split('://')
  const fold: Record<string, string> = {
    а: 'a',
    о: 'o',
    е: 'e',
    с: 'c',
    р: 'p',
    ѕ: 's',
    х: 'x',
    у: 'y',
    і: 'i',
  }
  const folded = Array.from(domainToUnicode(host), letter => fold[letter] ?? letter).join('')
  return `${scheme}://${folded}`
}
