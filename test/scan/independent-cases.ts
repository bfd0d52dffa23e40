import { type ApiOptions, api, type Handler, permits, type RangeCase, writeCors } from './range-server.js'

/**
 * Servers modelled on what others found, published or paste, written down with what has to be said about each before the
 * scanner was run on them: advisories, other scanners' classes, the examples of servers' and libraries' own documentation.
 */
export interface IndependentCase extends RangeCase {
  /** Where the mistake is known from. */
  readonly source: string
}

const APP = 'https://www.shop.example'
const any = (): boolean => true
const acac = { 'Access-Control-Allow-Credentials': 'true' }

/** Regular expressions and comparisons from advisories: what is said follows from what they let in. */
const ADVISORIES: readonly IndependentCase[] = [
  matcher('sanic re.match on the apex', 'CVE-2026-37737', match(/^https:\/\/shop\.example/), [
    'origin-prefix high',
  ]),
  {
    ...matcher(
      'clusterfuzz shipped pattern',
      'google/clusterfuzz#5303',
      match(/^https?:\/\/(.*-dot-)?shop-client.appspot.com/),
      ['origin-prefix high', 'origin-unescaped-dot high'],
    ),
    host: 'shop-client.appspot.com',
  },
  matcher(
    'gotify MatchString',
    'gotify/server#1052',
    match(/https:\/\/shop.example/),
    ['origin-prefix low'],
    {
      credentials: false,
    },
  ),
  {
    ...matcher(
      'two entries glued to one',
      'GHSA-vhxv-fg4m-p2w8 (jub0bs/cors)',
      origin => ['https://shop.example', 'https://pay.example', 'https://payshop.example'].includes(origin),
      ['origin-suffix high'],
    ),
    known: ['https://shop.example', 'https://pay.example'],
  },
  {
    ...matcher(
      'preview suffix of a shared host',
      'openscan-explorer#364',
      origin => origin.endsWith('--openscan.netlify.app'),
      ['origin-suffix high'],
    ),
    host: 'openscan.netlify.app',
  },
  matcher('glob turned into a pattern', 'solana-developer-platform#925', match(/^https:\/\/.*.vercel.app$/), [
    'origin-shared-hosting high',
  ]),
  matcher('jupyter allow_origin_pat', 'CVE-2026-40110', match(/^https:\/\/.*\.shop\.example/), [
    'origin-contains high',
  ]),
  matcher('list entry contains the origin', 'CVE-2025-50864 (elysia-cors)', origin => APP.includes(origin), [
    'origin-truncated high',
  ]),
  matcher('koa reflects by default', 'CVE-2023-49803', any, ['origin-reflected low'], {
    credentials: false,
    preflight: permits(
      origin => origin,
      ({ headers }) => ({
        'Access-Control-Allow-Methods': 'GET,HEAD,PUT,POST,DELETE,PATCH',
        'Access-Control-Allow-Headers': String(headers['access-control-request-headers'] ?? ''),
      }),
    ),
  }),
  matcher(
    'hono reflects with credentials',
    'CVE-2026-54290',
    any,
    ['origin-reflected high', 'preflight-any-header low'],
    {
      preflight: permits(
        origin => origin,
        ({ headers }) => ({
          ...acac,
          'Access-Control-Allow-Methods': 'GET,HEAD,PUT,POST,DELETE,PATCH',
          'Access-Control-Allow-Headers': String(headers['access-control-request-headers'] ?? ''),
        }),
      ),
    },
  ),
  {
    name: 'flask-cors private network',
    source: 'CVE-2024-6221',
    expects: ['private-network info', 'wildcard info'],
    serve: api({
      headers: { 'Access-Control-Allow-Origin': '*' },
      vary: undefined,
      preflight: flaskPreflight,
    }),
  },
  {
    name: 'flask-cors private network inside',
    source: 'CVE-2024-6221, of-CORS',
    host: 'flask.corp',
    expects: ['internal-readable medium', 'private-network medium'],
    serve: api({
      headers: { 'Access-Control-Allow-Origin': '*' },
      vary: undefined,
      preflight: flaskPreflight,
    }),
  },
  {
    name: 'vite dev server',
    source: 'CVE-2025-24010',
    scheme: 'http',
    host: '127.0.0.1',
    upgrade: 'always',
    expects: ['internal-readable medium', 'websocket-origin medium'],
    serve: api({ headers: { 'Access-Control-Allow-Origin': '*' }, vary: undefined }),
  },
  matcher('tomcat filter default', 'CVE-2018-8014', any, ['origin-reflected high', 'vary-missing low'], {
    vary: undefined,
    cacheControl: undefined,
  }),
]

/** What nginx and Apache users are told to paste. */
const PASTED: readonly IndependentCase[] = [
  matcher(
    'nginx if with an open pattern',
    'rustyrazorblade.com 2013, CORS with wildcard domains and nginx',
    match(/(.*\.shop\.example)/i),
    ['origin-contains high', 'vary-missing low'],
    { vary: undefined, cacheControl: undefined },
  ),
  matcher(
    'nginx if with ports',
    'serverdevworker.com, wildcard CORS in nginx',
    match(/^https?:\/\/(.*\.)?shop\.example(:[0-9]+)?$/i),
    [
      'origin-insecure medium',
      'origin-port low',
      'origin-subdomain medium',
      'origin-unsendable info',
      'vary-missing low',
    ],
    { vary: undefined, cacheControl: undefined },
  ),
  matcher(
    'nginx set with an open start',
    'serverdevworker.com, partial wildcards',
    match(/(https?:\/\/.*\.shop\.example$)/i),
    ['origin-insecure medium', 'origin-subdomain medium', 'origin-unsendable info', 'vary-missing low'],
    { vary: undefined, cacheControl: undefined },
  ),
  matcher(
    'enable-cors.org two names',
    'enable-cors.org, nginx page',
    match(/(https?:\/\/(www\.)?shop\.example|https?:\/\/app\.shop\.example)/i),
    ['origin-prefix low'],
    { credentials: false },
  ),
  matcher(
    'apache SetEnvIf',
    'stackoverflow.com 56153947',
    match(/^http(s)?:\/\/(.+\.)?(shop\.example|shop\.test)$/),
    ['vary-missing low'],
    { credentials: false, vary: undefined, cacheControl: undefined },
  ),
  {
    name: 'two proxies add the same line',
    source: 'traefik and backend, both with CORS',
    expects: ['acao-malformed low'],
    serve: api({ headers: { 'Access-Control-Allow-Origin': [APP, APP], ...acac } }),
  },
  {
    name: 'default port spelled out',
    source: 'WPT cors/origin.htm',
    expects: ['acao-malformed low'],
    serve: fixed(`${APP}:443`, acac),
  },
  {
    name: 'upper case value',
    source: 'WPT cors/origin.htm',
    expects: ['acao-malformed low'],
    serve: fixed('https://WWW.SHOP.example', acac),
  },
  {
    name: 'quoted star',
    source: 'WPT cors/origin.htm',
    expects: ['acao-malformed low'],
    serve: fixed('"*"'),
  },
]

/** Comparisons that applications write themselves. */
const HOME_MADE: readonly IndependentCase[] = [
  matcher(
    'hostname ends with a dot and the domain',
    'new URL(origin).hostname, a common answer',
    origin => hostnameOf(origin).endsWith('.shop.example'),
    ['origin-insecure medium', 'origin-port low', 'origin-subdomain medium', 'origin-unsendable info'],
  ),
  matcher(
    'hostname ends with the domain',
    'CORStest, Corsy "pre-domain wildcard"',
    origin => hostnameOf(origin).endsWith('shop.example'),
    ['origin-suffix high'],
  ),
  matcher(
    'last two labels',
    'split and slice, a common answer',
    origin => origin.split('.').slice(-2).join('.') === 'shop.example',
    ['origin-insecure medium', 'origin-subdomain medium'],
  ),
  matcher(
    'list entry starts with the origin',
    'CORScanner README, include match',
    origin => APP.startsWith(origin),
    ['origin-truncated high'],
  ),
  matcher('ends with, http only', 'nuclei cors-misconfig: http://sRDN', match(/^http:\/\/.*shop\.example$/), [
    'origin-suffix high',
  ]),
  matcher('any http origin', 'nuclei, ZAP: arbitrary origins of both schemes', match(/^http:\/\//), [
    'origin-reflected high',
  ]),
  matcher(
    'letters before the host',
    'CORStest: "not" glued to the host',
    match(/^https:\/\/[a-z0-9]*api\.shop\.example$/),
    ['origin-subdomain medium'],
  ),
  matcher(
    'another label after the host',
    'nuclei: H.=.A',
    match(/^https:\/\/api\.shop\.example(\.[^.a-z0-9_-]\..*)?$/),
    ['origin-special-character high'],
  ),
  matcher(
    'spring pattern with ports',
    'Spring allowedOriginPatterns',
    match(/^https:\/\/.*\.shop\.example(:\d+)?$/),
    ['origin-port low', 'origin-subdomain medium'],
  ),
  matcher('django regex', 'django-cors-headers README', match(/^https:\/\/\w+\.shop\.example$/), [
    'origin-subdomain medium',
  ]),
  matcher(
    'private addresses by prefix',
    'home automation add-ons',
    match(/^https?:\/\/(127\.0\.0\.1|192\.168\.)/),
    ['origin-localhost-prefix high'],
  ),
  matcher('any browser extension', 'an extension regex without an id', match(/^chrome-extension:\/\//), [
    'origin-extension low',
  ]),
  matcher('pages from disk', 'Cordova and WebView advice', origin => origin === 'file://', [
    'origin-app low',
  ]),
  matcher(
    'every Capacitor app',
    'Ionic documentation, CORS errors',
    origin => origin === 'capacitor://localhost',
    ['origin-app low'],
  ),
  matcher('jsfiddle', 'CORStest: developer back door', origin => origin === 'https://fiddle.jshell.net', [
    'origin-shared-hosting high',
  ]),
  {
    name: 'api gateway mock preflight',
    source: 'AWS API Gateway "enable CORS", integration without',
    expects: ['preflight-wider medium'],
    serve: api({
      preflight: permits(
        () => '*',
        () => ({
          'Access-Control-Allow-Methods': 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT',
          'Access-Control-Allow-Headers':
            'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token',
        }),
      ),
    }),
  },
  {
    name: 'starlette tells the refused',
    source: 'encode/starlette: 400 "Disallowed CORS origin"',
    expects: ['preflight-discloses info'],
    serve: api({
      allow: origin => origin === APP,
      credentials: true,
      preflight: permits(
        origin => (origin === APP ? APP : undefined),
        () => ({ 'Access-Control-Allow-Methods': 'GET, PUT', 'Access-Control-Max-Age': '600' }),
        400,
      ),
    }),
  },
  {
    name: 'refused methods reflect',
    source: 'error path 405',
    expects: ['elsewhere-accepted high'],
    serve: (request, response, path) => {
      if (['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')) return api()(request, response, path)
      writeCors(request, response, { allow: any, credentials: true })
      response.writeHead(405, { Allow: 'GET' }).end()
    },
  },
  {
    name: 'failures reflect',
    source: 'error path 500',
    expects: ['elsewhere-accepted high'],
    serve: (request, response, path) => {
      const query = (request.url ?? '').split('?')[1] ?? ''
      try {
        decodeURIComponent(query)
        api()(request, response, path)
      } catch {
        writeCors(request, response, { allow: any, credentials: true })
        response.writeHead(500).end('URIError: URI malformed')
      }
    },
  },
  {
    name: 'redirect of a double slash reflects',
    source: 'Go ServeMux cleans paths by 301',
    expects: ['elsewhere-accepted info'],
    serve: api({
      elsewhere: (request, response) => {
        const double = request.url?.startsWith('//') === true
        if (double) writeCors(request, response, { allow: any, credentials: true })
        response.writeHead(double ? 301 : 404, double ? { Location: '/' } : {}).end()
      },
    }),
  },
]

/** What others were complained about for flagging, and what well-behaved libraries send. */
const RIGHT: readonly IndependentCase[] = [
  {
    name: 'public font with timing',
    source: 'zaproxy#5907',
    expects: ['wildcard info'],
    serve: fixed('*', { 'Timing-Allow-Origin': '*' }, 'public, max-age=31536000'),
  },
  {
    name: 'star between spaces',
    source: 'WPT cors/origin.htm',
    expects: ['wildcard info'],
    serve: fixed(' * '),
  },
  {
    name: 'express with one string',
    source: 'expressjs/cors: origin as a string',
    expects: [],
    serve: api({
      headers: { 'Access-Control-Allow-Origin': APP, ...acac },
      preflight: permits(
        () => APP,
        () => ({ ...acac, 'Access-Control-Allow-Methods': 'GET,HEAD,PUT,PATCH,POST,DELETE' }),
      ),
    }),
  },
  {
    name: 'rs/cors with a list',
    source: 'rs/cors: a refused preflight gets Vary and nothing else',
    expects: [],
    serve: api({
      allow: origin => origin === APP,
      credentials: true,
      cacheControl: 'max-age=60',
      preflight: (request, response) => {
        response.setHeader('Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers')
        if (request.headers.origin === APP && request.headers['access-control-request-method'] === 'PUT') {
          response.setHeader('Access-Control-Allow-Origin', APP)
          response.setHeader('Access-Control-Allow-Methods', 'PUT')
        }
        response.writeHead(204).end()
      },
    }),
  },
  {
    name: 'object storage, public bucket',
    source: 'S3: * only where Origin is sent, always Vary',
    expects: ['wildcard info'],
    serve: (request, response, path) => {
      const headers =
        request.headers.origin === undefined
          ? {}
          : { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'GET' }
      api({
        headers,
        vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
        cacheControl: 'max-age=60',
      })(request, response, path)
    },
  },
  {
    name: 'null in a sentence',
    source: 'ZAP: contains("null")',
    expects: [],
    serve: api({ headers: { 'X-Allow-Origin': 'null', 'Access-Control-Expose-Headers': 'null' } }),
  },
  {
    name: 'trusts its own port only',
    source: 'CORScanner drops the port before it compares',
    known: ['https://www.shop.example:8443'],
    expects: [],
    serve: api({ allow: origin => origin === 'https://www.shop.example:8443', credentials: true }),
  },
  {
    name: 'names the own http page, without credentials',
    source: 'Corsy: "http origin allowed" for whatever begins with http://',
    expects: [],
    serve: api({ allow: origin => origin === 'http://api.shop.example' }),
  },
]

export const INDEPENDENT: readonly IndependentCase[] = [...ADVISORIES, ...PASTED, ...HOME_MADE, ...RIGHT]

function matcher(
  name: string,
  source: string,
  allow: (origin: string) => boolean,
  expects: readonly string[],
  more: ApiOptions = {},
): IndependentCase {
  return { name, source, expects, serve: api({ allow, credentials: true, ...more }) }
}

function match(pattern: RegExp): (origin: string) => boolean {
  return origin => pattern.test(origin)
}

function hostnameOf(origin: string): string {
  try {
    return new URL(origin).hostname
  } catch {
    return ''
  }
}

function fixed(value: string, more: Record<string, string> = {}, cacheControl = 'no-store'): Handler {
  return api({ headers: { 'Access-Control-Allow-Origin': value, ...more }, cacheControl, vary: undefined })
}

function flaskPreflight(...[request, response]: Parameters<Handler>): void {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Allow-Methods', 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT')
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('Access-Control-Allow-Private-Network', 'true')
  response.writeHead(200).end()
}
