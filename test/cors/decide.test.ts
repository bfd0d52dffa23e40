import t from 'tap'
import { type CorsRequest, classify } from '../../src/cors/classify.js'
import { decide } from '../../src/cors/decide.js'
import type { CorsPolicy } from '../../src/cors/rule.js'
import { asks, request, route, sends, TODAY, tell } from './policy.js'

/** Each row: what happens, the request, and the whole decision: its line, then its headers. */
type Row = readonly [description: string, request: CorsRequest, ...decision: string[]]

function decides(title: string, policy: CorsPolicy, rows: readonly Row[], now = TODAY): void {
  t.test(title, async t => {
    for (const [description, asked, ...expected] of rows) {
      t.strictSame(tell(decide(policy, asked, now)), expected, description)
    }
  })
}

const SHOP = 'https://www.shop.example'
const ADMIN = 'https://admin.shop.example'
const EVIL = 'https://evil.example'
const VARY = 'Vary: Origin'
const VARY_ALL = 'Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
const DENIED = 'denied actual: origin-not-allowed, refuse 403'
const DENIED_PREFLIGHT = 'denied preflight: origin-not-allowed, refuse 403'

t.test('what kind of request it is', async t => {
  const rows: readonly [string, CorsRequest, string][] = [
    ['no Origin', sends('GET', undefined), 'not-cors'],
    ['a POST without Origin', sends('POST', undefined), 'not-cors'],
    ['Origin', sends('GET', SHOP), 'actual'],
    ['an empty Origin is one', sends('GET', ''), 'actual'],
    ['OPTIONS with Origin and a method to ask for', asks('PUT', SHOP), 'preflight'],
    ['an empty method to ask for is still a question', asks('', SHOP), 'preflight'],
    ['OPTIONS with Origin only', sends('OPTIONS', SHOP), 'actual'],
    [
      'OPTIONS with headers but no method to ask for',
      sends('OPTIONS', SHOP, { requestHeaders: 'x-a' }),
      'actual',
    ],
    ['OPTIONS without Origin', asks('PUT', undefined), 'not-cors'],
    ['another method with a method to ask for', sends('GET', SHOP, { requestMethod: 'PUT' }), 'actual'],
    ['options in lower case is another method', { ...asks('PUT', SHOP), method: 'options' }, 'actual'],
    ['a WebSocket handshake', sends('GET', SHOP, { websocket: true }), 'websocket'],
    ['a WebSocket handshake without Origin', sends('GET', undefined, { websocket: true }), 'websocket'],
  ]
  for (const [description, asked, kind] of rows) t.equal(classify(asked), kind, description)
})

const SHOP_RULE = {
  allowOrigins: [SHOP, 'https://*.preview.shop.example'],
  allowMethods: ['GET', 'PUT', 'DELETE'],
  allowHeaders: ['content-type', 'authorization', 'x-request-id'],
  exposeHeaders: ['x-request-id', 'etag'],
  allowCredentials: true,
  maxAge: 600,
}
const SHOP_ACTUAL = [
  `Access-Control-Allow-Origin: ${SHOP}`,
  'Access-Control-Allow-Credentials: true',
  'Access-Control-Expose-Headers: x-request-id, etag',
  VARY,
]
const SHOP_PREFLIGHT = [
  `Access-Control-Allow-Origin: ${SHOP}`,
  'Access-Control-Allow-Credentials: true',
  'Access-Control-Allow-Methods: GET, PUT, DELETE',
  'Access-Control-Allow-Headers: content-type, authorization, x-request-id',
  'Access-Control-Expose-Headers: x-request-id, etag',
  'Access-Control-Max-Age: 600',
  VARY_ALL,
]
const BIG = `https://${'a'.repeat(5000)}.example`

decides('a route with one rule, requests that are no preflight', route([SHOP_RULE]), [
  [
    'no Origin: forwarded, no CORS header',
    sends('GET', undefined),
    'allowed not-cors: not-cors, forward',
    VARY,
  ],
  ['no Origin, any method', sends('PATCH', undefined), 'allowed not-cors: not-cors, forward', VARY],
  [
    'an allowed origin',
    sends('GET', SHOP),
    'allowed actual: origin-allowed by rule 0, forward',
    ...SHOP_ACTUAL,
  ],
  ['HEAD by GET', sends('HEAD', SHOP), 'allowed actual: origin-allowed by rule 0, forward', ...SHOP_ACTUAL],
  [
    'an origin below a wildcard, named as it came',
    sends('GET', 'https://pr-1.preview.shop.example'),
    'allowed actual: origin-allowed by rule 0, forward',
    'Access-Control-Allow-Origin: https://pr-1.preview.shop.example',
    ...SHOP_ACTUAL.slice(1),
  ],
  [
    'the own origin: no CORS header',
    sends('POST', 'https://api.shop.example', { ownOrigin: true }),
    'allowed actual: same-origin, forward',
    VARY,
  ],
  [
    'the browser says same-origin',
    sends('POST', EVIL, { secFetchSite: 'same-origin' }),
    'allowed actual: same-origin, forward',
    VARY,
  ],
  [
    'same-origin, though the origin is null',
    sends('POST', 'null', { secFetchSite: 'same-origin' }),
    'allowed actual: same-origin, forward',
    VARY,
  ],
  [
    'same-origin, though a rule allows the origin: the answer that a cache keeps for that page',
    sends('GET', SHOP, { secFetchSite: 'same-origin' }),
    'allowed actual: origin-allowed by rule 0, forward',
    ...SHOP_ACTUAL,
  ],
  [
    'same-origin, and a method that the rule of its origin does not list',
    sends('POST', SHOP, { secFetchSite: 'same-origin' }),
    'allowed actual: same-origin, forward',
    VARY,
  ],
  ['same-site is another origin', sends('POST', EVIL, { secFetchSite: 'same-site' }), DENIED, VARY],
  ['none is another origin', sends('POST', EVIL, { secFetchSite: 'none' }), DENIED, VARY],
  [
    'two Sec-Fetch-Site lines say nothing',
    sends('POST', EVIL, { secFetchSite: 'same-origin, cross-site' }),
    DENIED,
    VARY,
  ],
  [
    'Sec-Fetch-Site is compared byte for byte',
    sends('POST', EVIL, { secFetchSite: 'Same-Origin' }),
    DENIED,
    VARY,
  ],
  [
    'same-origin does not need Origin',
    sends('GET', undefined, { secFetchSite: 'same-origin' }),
    'allowed not-cors: not-cors, forward',
    VARY,
  ],
  ['a foreign origin', sends('GET', EVIL), DENIED, VARY],
  ['a foreign origin with a form post', sends('POST', EVIL), DENIED, VARY],
  ['null', sends('GET', 'null'), 'denied actual: origin-null, refuse 403', VARY],
  ['Null is not null', sends('GET', 'Null'), 'denied actual: origin-malformed, refuse 403', VARY],
  ['an empty Origin', sends('GET', ''), 'denied actual: origin-malformed, refuse 403', VARY],
  [
    'two Origin headers',
    sends('GET', `${SHOP}, ${SHOP}`),
    'denied actual: origin-malformed, refuse 403',
    VARY,
  ],
  ['a list of origins', sends('GET', `${SHOP} ${EVIL}`), 'denied actual: origin-malformed, refuse 403', VARY],
  ['control bytes', sends('GET', `${SHOP}\x00`), 'denied actual: origin-malformed, refuse 403', VARY],
  ['an origin over 4 KB', sends('GET', BIG), 'denied actual: origin-malformed, refuse 403', VARY],
  [
    'a method that the rule does not list',
    sends('POST', SHOP),
    'denied actual: method-not-allowed by rule 0, refuse 403',
    VARY,
  ],
  ['put is not PUT', sends('put', SHOP), 'denied actual: method-not-allowed by rule 0, refuse 403', VARY],
  [
    'OPTIONS is not implied',
    sends('OPTIONS', SHOP),
    'denied actual: method-not-allowed by rule 0, refuse 403',
    VARY,
  ],
  [
    'a method named like a property',
    sends('constructor', SHOP),
    'denied actual: method-not-allowed by rule 0, refuse 403',
    VARY,
  ],
])

decides(
  'an OPTIONS that is no preflight is decided like any other request',
  route([{ ...SHOP_RULE, allowMethods: ['OPTIONS'] }]),
  [
    [
      'forwarded where listed',
      sends('OPTIONS', SHOP),
      'allowed actual: origin-allowed by rule 0, forward',
      ...SHOP_ACTUAL,
    ],
    ['refused to others', sends('OPTIONS', EVIL), DENIED, VARY],
    [
      'HEAD only by GET',
      sends('HEAD', SHOP),
      'denied actual: method-not-allowed by rule 0, refuse 403',
      VARY,
    ],
  ],
)

const ALLOWED_PREFLIGHT = 'allowed preflight: preflight-allowed by rule 0, answer 204'
const BAD_HEADER = 'denied preflight: header-not-allowed by rule 0, answer 204'
const BAD_METHOD = 'denied preflight: method-not-allowed by rule 0, answer 204'
const MALFORMED_PREFLIGHT = 'denied preflight: preflight-malformed by rule 0, refuse 403'

decides('a route with one rule, preflights', route([SHOP_RULE]), [
  ['a method of the list', asks('PUT', SHOP), ALLOWED_PREFLIGHT, ...SHOP_PREFLIGHT],
  [
    'the whole lists, whatever was asked',
    asks('DELETE', SHOP, 'content-type'),
    ALLOWED_PREFLIGHT,
    ...SHOP_PREFLIGHT,
  ],
  ['HEAD by GET', asks('HEAD', SHOP), ALLOWED_PREFLIGHT, ...SHOP_PREFLIGHT],
  [
    'headers in any case and order, empty elements, spaces',
    asks('PUT', SHOP, ' X-Request-ID,,\tAUTHORIZATION ,content-type,'),
    ALLOWED_PREFLIGHT,
    ...SHOP_PREFLIGHT,
  ],
  [
    'several header lines, joined by a comma',
    asks('PUT', SHOP, 'content-type, authorization, x-request-id'),
    ALLOWED_PREFLIGHT,
    ...SHOP_PREFLIGHT,
  ],
  ['an empty list of headers', asks('PUT', SHOP, ''), ALLOWED_PREFLIGHT, ...SHOP_PREFLIGHT],
  [
    'a header that the rule does not list: the true lists',
    asks('PUT', SHOP, 'x-other'),
    BAD_HEADER,
    ...SHOP_PREFLIGHT,
  ],
  ['one of several headers', asks('PUT', SHOP, 'content-type,x-other'), BAD_HEADER, ...SHOP_PREFLIGHT],
  ['the header *', asks('PUT', SHOP, '*'), BAD_HEADER, ...SHOP_PREFLIGHT],
  ['a header named like a property', asks('PUT', SHOP, '__proto__'), BAD_HEADER, ...SHOP_PREFLIGHT],
  [
    'a method that the rule does not list: the true lists',
    asks('PATCH', SHOP),
    BAD_METHOD,
    ...SHOP_PREFLIGHT,
  ],
  ['put is not PUT', asks('put', SHOP), BAD_METHOD, ...SHOP_PREFLIGHT],
  [
    'method and header both: the method is named',
    asks('PATCH', SHOP, 'x-other'),
    BAD_METHOD,
    ...SHOP_PREFLIGHT,
  ],
  [
    // Fetch, "CORS-preflight fetch" step 7.6: no list would stop the browser.
    'a safelisted method that is not allowed: no CORS header',
    asks('POST', SHOP, 'content-type'),
    'denied preflight: method-not-allowed by rule 0, refuse 403',
    VARY_ALL,
  ],
  ['a foreign origin', asks('PUT', EVIL), DENIED_PREFLIGHT, VARY_ALL],
  [
    'a foreign origin with a malformed list: the origin is named',
    asks('PUT', EVIL, '('),
    DENIED_PREFLIGHT,
    VARY_ALL,
  ],
  ['null', asks('PUT', 'null'), 'denied preflight: origin-null, refuse 403', VARY_ALL],
  ['a malformed origin', asks('PUT', `${SHOP}/`), 'denied preflight: origin-malformed, refuse 403', VARY_ALL],
  ['an origin over 4 KB', asks('PUT', BIG), 'denied preflight: origin-malformed, refuse 403', VARY_ALL],
  ['an empty method', asks('', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['two methods', asks('PUT, PUT', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['a method that is no token', asks('PU T', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['the method *', asks('*', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['a method that fetch never sends', asks('TRACE', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['the same in another case', asks('Connect', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['a header that is no token', asks('PUT', SHOP, 'content-type,(x)'), MALFORMED_PREFLIGHT, VARY_ALL],
  ['a header list over 4 KB', asks('PUT', SHOP, ','.repeat(4097)), MALFORMED_PREFLIGHT, VARY_ALL],
  [
    '4 KB of commas is still a list',
    asks('PUT', SHOP, ','.repeat(4096)),
    ALLOWED_PREFLIGHT,
    ...SHOP_PREFLIGHT,
  ],
  ['65 header names', asks('PUT', SHOP, names(65)), MALFORMED_PREFLIGHT, VARY_ALL],
  ['64 header names are a list', asks('PUT', SHOP, names(64)), BAD_HEADER, ...SHOP_PREFLIGHT],
  [
    'the own origin: answered here all the same',
    asks('PUT', 'https://api.shop.example', undefined, { ownOrigin: true }),
    'allowed preflight: same-origin, answer 204',
    VARY_ALL,
  ],
  [
    'the browser says same-origin: likewise',
    asks('PUT', EVIL, undefined, { secFetchSite: 'same-origin' }),
    'allowed preflight: same-origin, answer 204',
    VARY_ALL,
  ],
  [
    'the browser says same-origin of an origin that a rule holds',
    asks('PUT', SHOP, undefined, { secFetchSite: 'same-origin' }),
    ALLOWED_PREFLIGHT,
    ...SHOP_PREFLIGHT,
  ],
])

decides(
  'a rule that says nothing but origins and methods',
  route([{ allowOrigins: [SHOP], allowMethods: ['PUT'] }]),
  [
    [
      'no credentials, nothing exposed',
      sends('PUT', SHOP),
      'allowed actual: origin-allowed by rule 0, forward',
      `Access-Control-Allow-Origin: ${SHOP}`,
      VARY,
    ],
    [
      'no headers, no Max-Age: 5 s, as in Fetch',
      asks('PUT', SHOP),
      ALLOWED_PREFLIGHT,
      `Access-Control-Allow-Origin: ${SHOP}`,
      'Access-Control-Allow-Methods: PUT',
      VARY_ALL,
    ],
    [
      'every header is one too many',
      asks('PUT', SHOP, 'content-type'),
      BAD_HEADER,
      `Access-Control-Allow-Origin: ${SHOP}`,
      'Access-Control-Allow-Methods: PUT',
      VARY_ALL,
    ],
  ],
)

decides('maxAge: 0 is said', route([{ allowOrigins: [SHOP], allowMethods: ['PUT'], maxAge: 0 }]), [
  [
    '0 is not absent',
    asks('PUT', SHOP),
    ALLOWED_PREFLIGHT,
    `Access-Control-Allow-Origin: ${SHOP}`,
    'Access-Control-Allow-Methods: PUT',
    'Access-Control-Max-Age: 0',
    VARY_ALL,
  ],
])

decides('no rule: same-origin only', route([]), [
  ['no Origin', sends('GET', undefined), 'allowed not-cors: not-cors, forward', VARY],
  ['the own origin', sends('POST', SHOP, { ownOrigin: true }), 'allowed actual: same-origin, forward', VARY],
  ['another', sends('GET', SHOP), DENIED, VARY],
  ['a preflight', asks('GET', SHOP), DENIED_PREFLIGHT, VARY_ALL],
  ['null', sends('GET', 'null'), 'denied actual: origin-null, refuse 403', VARY],
])

const FIRST = { allowOrigins: [SHOP], allowMethods: ['GET'], allowCredentials: true }
const SECOND = { allowOrigins: [SHOP, ADMIN], allowMethods: ['GET', 'PUT'], exposeHeaders: ['etag'] }
const PUBLIC = { allowOrigins: ['*'], allowMethods: ['GET'] }

decides('the first rule that holds the origin decides', route([FIRST, SECOND, PUBLIC]), [
  [
    'held by the first',
    sends('GET', SHOP),
    'allowed actual: origin-allowed by rule 0, forward',
    `Access-Control-Allow-Origin: ${SHOP}`,
    'Access-Control-Allow-Credentials: true',
    VARY,
  ],
  [
    'a later rule does not make up for its methods',
    sends('PUT', SHOP),
    'denied actual: method-not-allowed by rule 0, refuse 403',
    VARY,
  ],
  [
    'nor on a preflight',
    asks('PUT', SHOP),
    BAD_METHOD,
    `Access-Control-Allow-Origin: ${SHOP}`,
    'Access-Control-Allow-Credentials: true',
    'Access-Control-Allow-Methods: GET',
    VARY_ALL,
  ],
  [
    'held by the second',
    sends('PUT', ADMIN),
    'allowed actual: origin-allowed by rule 1, forward',
    `Access-Control-Allow-Origin: ${ADMIN}`,
    'Access-Control-Expose-Headers: etag',
    VARY,
  ],
  [
    'anybody else is public: * and never credentials',
    sends('GET', EVIL),
    'allowed actual: public by rule 2, forward',
    'Access-Control-Allow-Origin: *',
    VARY,
  ],
  [
    'null is anybody',
    sends('GET', 'null'),
    'allowed actual: public by rule 2, forward',
    'Access-Control-Allow-Origin: *',
    VARY,
  ],
  ['malformed is nobody', sends('GET', `${EVIL}/`), 'denied actual: origin-malformed, refuse 403', VARY],
  [
    'without Origin no header, since the answers differ',
    sends('GET', undefined),
    'allowed not-cors: not-cors, forward',
    VARY,
  ],
])

const PUBLIC_ROUTE = { ...PUBLIC, allowHeaders: ['x-a'], exposeHeaders: ['etag'], allowTiming: true }
const PUBLIC_HEADERS = [
  'Access-Control-Allow-Origin: *',
  'Access-Control-Expose-Headers: etag',
  'Timing-Allow-Origin: *',
]

decides('a route whose one rule is *: the same answer for everybody, and no Vary', route([PUBLIC_ROUTE]), [
  ['an origin', sends('GET', EVIL), 'allowed actual: public by rule 0, forward', ...PUBLIC_HEADERS],
  ['null', sends('GET', 'null'), 'allowed actual: public by rule 0, forward', ...PUBLIC_HEADERS],
  ['no Origin', sends('GET', undefined), 'allowed not-cors: not-cors, forward', ...PUBLIC_HEADERS],
  ['HEAD without Origin', sends('HEAD', undefined), 'allowed not-cors: not-cors, forward', ...PUBLIC_HEADERS],
  [
    'same-origin without Origin',
    sends('GET', undefined, { secFetchSite: 'same-origin' }),
    'allowed not-cors: not-cors, forward',
    ...PUBLIC_HEADERS,
  ],
  [
    'a preflight',
    asks('GET', EVIL, 'x-a'),
    ALLOWED_PREFLIGHT,
    'Access-Control-Allow-Origin: *',
    'Access-Control-Allow-Methods: GET',
    'Access-Control-Allow-Headers: x-a',
    'Access-Control-Expose-Headers: etag',
    VARY_ALL,
  ],
  [
    'a preflight that no list can stop',
    asks('POST', EVIL),
    'denied preflight: method-not-allowed by rule 0, refuse 403',
    VARY_ALL,
  ],
  [
    'any origin with same-origin said: the same answer',
    sends('GET', EVIL, { secFetchSite: 'same-origin' }),
    'allowed actual: public by rule 0, forward',
    ...PUBLIC_HEADERS,
  ],
  // What is not the public answer must not be cached as if it were: that would take the data away from every page.
  [
    'the own origin: no CORS header, so a Vary',
    sends('GET', EVIL, { ownOrigin: true }),
    'allowed actual: same-origin, forward',
    VARY,
  ],
  [
    'a method that is not public, without Origin',
    sends('PUT', undefined),
    'allowed not-cors: not-cors, forward',
    VARY,
  ],
  [
    'a method that is not public',
    sends('PUT', EVIL),
    'denied actual: method-not-allowed by rule 0, refuse 403',
    VARY,
  ],
  ['a malformed origin', sends('GET', `${EVIL}/`), 'denied actual: origin-malformed, refuse 403', VARY],
])

decides('a public route that strips', route([PUBLIC_ROUTE], { onDenied: 'strip' }), [
  [
    'a malformed origin gets an answer that no cache gives to pages',
    sends('GET', 'x'),
    'denied actual: origin-malformed, forward',
    VARY,
  ],
  [
    'and so does a method that is not public',
    sends('PUT', EVIL),
    'denied actual: method-not-allowed by rule 0, forward',
    VARY,
  ],
])

const ANY_METHOD = { allowOrigins: [SHOP], allowMethods: ['*'], allowHeaders: ['*'], exposeHeaders: ['*'] }
const ANY_ALLOWED = (method: string, ...headers: string[]) => [
  `Access-Control-Allow-Origin: ${SHOP}`,
  `Access-Control-Allow-Methods: ${method}`,
  ...headers.map(names => `Access-Control-Allow-Headers: ${names}`),
  'Access-Control-Expose-Headers: *',
  VARY_ALL,
]

decides('any method and any header: named as asked, never *', route([ANY_METHOD]), [
  [
    'a method',
    sends('PATCH', SHOP),
    'allowed actual: origin-allowed by rule 0, forward',
    `Access-Control-Allow-Origin: ${SHOP}`,
    'Access-Control-Expose-Headers: *',
    VARY,
  ],
  ['a method of their own, byte for byte', asks('patch', SHOP), ALLOWED_PREFLIGHT, ...ANY_ALLOWED('patch')],
  ['headers', asks('PUT', SHOP, 'X-B, x-a'), ALLOWED_PREFLIGHT, ...ANY_ALLOWED('PUT', 'x-b, x-a')],
  [
    'a header twice is named once',
    asks('PUT', SHOP, 'x-a,X-A'),
    ALLOWED_PREFLIGHT,
    ...ANY_ALLOWED('PUT', 'x-a'),
  ],
  ['Authorization only by name', asks('PUT', SHOP, 'authorization'), BAD_HEADER, ...ANY_ALLOWED('PUT')],
  [
    'the others are named beside it',
    asks('PUT', SHOP, 'Authorization,x-a'),
    BAD_HEADER,
    ...ANY_ALLOWED('PUT', 'x-a'),
  ],
  ['the header * is not echoed', asks('PUT', SHOP, '*,x-a'), BAD_HEADER, ...ANY_ALLOWED('PUT', 'x-a')],
  ['the method * is not echoed', asks('*', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  ['not what fetch never sends', asks('TRACE', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
  [
    'nor when it is sent',
    sends('TRACE', SHOP),
    'denied actual: method-not-allowed by rule 0, refuse 403',
    VARY,
  ],
])

decides(
  'any header, and Authorization by name',
  route([{ ...ANY_METHOD, allowHeaders: ['*', 'authorization'] }]),
  [
    [
      'Authorization',
      asks('PUT', SHOP, 'authorization,x-a'),
      ALLOWED_PREFLIGHT,
      ...ANY_ALLOWED('PUT', 'authorization, x-a'),
    ],
  ],
)

decides(
  'private network access',
  route([
    { allowOrigins: [SHOP], allowMethods: ['GET'], allowPrivateNetwork: true },
    { allowOrigins: [ADMIN], allowMethods: ['GET'] },
  ]),
  [
    [
      'asked for and allowed',
      asks('GET', SHOP, undefined, { requestPrivateNetwork: 'true' }),
      ALLOWED_PREFLIGHT,
      `Access-Control-Allow-Origin: ${SHOP}`,
      'Access-Control-Allow-Methods: GET',
      'Access-Control-Allow-Private-Network: true',
      VARY_ALL,
    ],
    [
      'not asked for',
      asks('GET', SHOP),
      ALLOWED_PREFLIGHT,
      `Access-Control-Allow-Origin: ${SHOP}`,
      'Access-Control-Allow-Methods: GET',
      VARY_ALL,
    ],
    [
      'asked for with another value',
      asks('GET', SHOP, undefined, { requestPrivateNetwork: '1' }),
      ALLOWED_PREFLIGHT,
      `Access-Control-Allow-Origin: ${SHOP}`,
      'Access-Control-Allow-Methods: GET',
      VARY_ALL,
    ],
    [
      'asked for, but not by this rule',
      asks('GET', ADMIN, undefined, { requestPrivateNetwork: 'true' }),
      'allowed preflight: preflight-allowed by rule 1, answer 204',
      `Access-Control-Allow-Origin: ${ADMIN}`,
      'Access-Control-Allow-Methods: GET',
      VARY_ALL,
    ],
    [
      'never on an actual response',
      sends('GET', SHOP, { requestPrivateNetwork: 'true' }),
      'allowed actual: origin-allowed by rule 0, forward',
      `Access-Control-Allow-Origin: ${SHOP}`,
      VARY,
    ],
  ],
)

decides('timing', route([{ allowOrigins: [SHOP], allowMethods: ['GET'], allowTiming: true }]), [
  [
    'the origin, on actual responses',
    sends('GET', SHOP),
    'allowed actual: origin-allowed by rule 0, forward',
    `Access-Control-Allow-Origin: ${SHOP}`,
    `Timing-Allow-Origin: ${SHOP}`,
    VARY,
  ],
  [
    'not on preflights',
    asks('GET', SHOP),
    ALLOWED_PREFLIGHT,
    `Access-Control-Allow-Origin: ${SHOP}`,
    'Access-Control-Allow-Methods: GET',
    VARY_ALL,
  ],
])

const EXPIRING = route([
  {
    allowOrigins: ['https://p.example until 2027-01-31', 'https://*.q.example until 2027-01-31'],
    allowMethods: ['GET', 'PUT'],
  },
  { allowOrigins: ['https://p.example'], allowMethods: ['GET'] },
])
const P = 'https://p.example'
const Q = 'https://a.q.example'

decides(
  'an entry that expires, before',
  EXPIRING,
  [
    [
      'holds',
      sends('PUT', P),
      'allowed actual: origin-allowed by rule 0, forward',
      `Access-Control-Allow-Origin: ${P}`,
      VARY,
    ],
    [
      'so does a wildcard',
      sends('PUT', Q),
      'allowed actual: origin-allowed by rule 0, forward',
      `Access-Control-Allow-Origin: ${Q}`,
      VARY,
    ],
  ],
  Date.parse('2027-01-31') - 1,
)

decides(
  'and from its last moment',
  EXPIRING,
  [
    [
      'another rule holds the origin and decides',
      sends('GET', P),
      'allowed actual: origin-allowed by rule 1, forward',
      `Access-Control-Allow-Origin: ${P}`,
      VARY,
    ],
    [
      'with its own methods',
      sends('PUT', P),
      'denied actual: method-not-allowed by rule 1, refuse 403',
      VARY,
    ],
    ['nothing else holds it: it expired', sends('GET', Q), 'denied actual: origin-expired, refuse 403', VARY],
    ['on a preflight too', asks('GET', Q), 'denied preflight: origin-expired, refuse 403', VARY_ALL],
    ['others were never there', sends('GET', EVIL), DENIED, VARY],
  ],
  Date.parse('2027-01-31'),
)

decides(
  'null, allowed by name',
  route([{ allowOrigins: ['null until 2027-01-31', SHOP], allowMethods: ['GET'] }]),
  [
    [
      'holds',
      sends('GET', 'null'),
      'allowed actual: origin-allowed by rule 0, forward',
      'Access-Control-Allow-Origin: null',
      VARY,
    ],
  ],
)
decides('null, expired', route([{ allowOrigins: ['null until 2026-01-31', SHOP], allowMethods: ['GET'] }]), [
  ['no more', sends('GET', 'null'), 'denied actual: origin-expired, refuse 403', VARY],
])

decides(
  'onDenied: strip',
  route([{ ...SHOP_RULE, allowOrigins: [SHOP, 'https://old.example until 2026-01-01'] }], {
    onDenied: 'strip',
  }),
  [
    [
      'a foreign origin is forwarded without CORS headers',
      sends('GET', EVIL),
      'denied actual: origin-not-allowed, forward',
      VARY,
    ],
    ['null', sends('GET', 'null'), 'denied actual: origin-null, forward', VARY],
    ['malformed', sends('GET', 'x'), 'denied actual: origin-malformed, forward', VARY],
    ['expired', sends('GET', 'https://old.example'), 'denied actual: origin-expired, forward', VARY],
    ['a method', sends('POST', SHOP), 'denied actual: method-not-allowed by rule 0, forward', VARY],
    [
      'an OPTIONS that is no preflight',
      sends('OPTIONS', EVIL),
      'denied actual: origin-not-allowed, forward',
      VARY,
    ],
    [
      'an allowed origin is as before',
      sends('GET', SHOP),
      'allowed actual: origin-allowed by rule 0, forward',
      ...SHOP_ACTUAL,
    ],
    ['a preflight is never forwarded', asks('GET', EVIL), DENIED_PREFLIGHT, VARY_ALL],
    ['nor a malformed one', asks('', SHOP), MALFORMED_PREFLIGHT, VARY_ALL],
    ['nor one with a method or header too many', asks('PATCH', SHOP), BAD_METHOD, ...SHOP_PREFLIGHT],
    [
      'nor one for a safelisted method',
      asks('POST', SHOP),
      'denied preflight: method-not-allowed by rule 0, refuse 403',
      VARY_ALL,
    ],
  ],
)

decides('mode: report changes nothing', route([SHOP_RULE], { mode: 'report' }), [
  [
    'an allowed origin: no header of ours',
    sends('GET', SHOP),
    'allowed actual: origin-allowed by rule 0, forward, not enforced',
  ],
  ['a foreign origin', sends('GET', EVIL), 'denied actual: origin-not-allowed, forward, not enforced'],
  ['a malformed one', sends('GET', 'x'), 'denied actual: origin-malformed, forward, not enforced'],
  ['a method', sends('POST', SHOP), 'denied actual: method-not-allowed by rule 0, forward, not enforced'],
  ['no Origin', sends('GET', undefined), 'allowed not-cors: not-cors, forward, not enforced'],
  [
    'the own origin',
    sends('POST', SHOP, { ownOrigin: true }),
    'allowed actual: same-origin, forward, not enforced',
  ],
  [
    'a preflight is the upstream’s to answer',
    asks('PUT', SHOP),
    'allowed preflight: preflight-allowed by rule 0, forward, not enforced',
  ],
  ['also a denied one', asks('PUT', EVIL), 'denied preflight: origin-not-allowed, forward, not enforced'],
  [
    'also a malformed one',
    asks('*', SHOP),
    'denied preflight: preflight-malformed by rule 0, forward, not enforced',
  ],
  [
    'also the own origin’s',
    asks('PUT', SHOP, undefined, { ownOrigin: true }),
    'allowed preflight: same-origin, forward, not enforced',
  ],
  [
    'one with a header too many',
    asks('PUT', SHOP, 'x-other'),
    'denied preflight: header-not-allowed by rule 0, forward, not enforced',
  ],
  [
    'a WebSocket where there are none is not a question of origins',
    upgrade(SHOP),
    'denied websocket: websocket-not-enabled, refuse 403',
    VARY,
  ],
])
decides('mode: report with WebSockets', route([SHOP_RULE], { mode: 'report', websocket: true }), [
  [
    'a foreign origin passes and is recorded',
    upgrade(EVIL),
    'denied websocket: origin-not-allowed, forward, not enforced',
  ],
  ['so does none', upgrade(undefined), 'denied websocket: origin-missing, forward, not enforced'],
])
decides('a public route in report mode', route([PUBLIC_ROUTE], { mode: 'report' }), [
  [
    'no header of ours without Origin',
    sends('GET', undefined),
    'allowed not-cors: not-cors, forward, not enforced',
  ],
])

decides('websocket: false', route([SHOP_RULE]), [
  ['an allowed origin', upgrade(SHOP), 'denied websocket: websocket-not-enabled, refuse 403', VARY],
  [
    'the own origin',
    upgrade(SHOP, { ownOrigin: true }),
    'denied websocket: websocket-not-enabled, refuse 403',
    VARY,
  ],
])
for (const onDenied of ['block', 'strip'] as const) {
  // No header could stop the page afterwards, so strip does not mean forward here.
  decides(`websocket: true, onDenied: ${onDenied}`, route([SHOP_RULE], { websocket: true, onDenied }), [
    ['an allowed origin', upgrade(SHOP), 'allowed websocket: origin-allowed by rule 0, forward', VARY],
    [
      'the own origin',
      upgrade('https://api.shop.example', { ownOrigin: true }),
      'allowed websocket: same-origin, forward',
      VARY,
    ],
    [
      'the browser says same-origin',
      upgrade(EVIL, { secFetchSite: 'same-origin' }),
      'allowed websocket: same-origin, forward',
      VARY,
    ],
    [
      'the browser says same-origin, and the rule lists no GET',
      { ...upgrade(SHOP, { secFetchSite: 'same-origin' }), method: 'POST' },
      'allowed websocket: same-origin, forward',
      VARY,
    ],
    ['a foreign origin', upgrade(EVIL), 'denied websocket: origin-not-allowed, refuse 403', VARY],
    ['null', upgrade('null'), 'denied websocket: origin-null, refuse 403', VARY],
    ['malformed', upgrade('x'), 'denied websocket: origin-malformed, refuse 403', VARY],
    ['no Origin', upgrade(undefined), 'denied websocket: origin-missing, refuse 403', VARY],
    [
      'no Origin, whatever Sec-Fetch-Site says',
      upgrade(undefined, { secFetchSite: 'same-origin' }),
      'denied websocket: origin-missing, refuse 403',
      VARY,
    ],
    [
      'a method that the rule does not list',
      { ...upgrade(SHOP), method: 'POST' },
      'denied websocket: method-not-allowed by rule 0, refuse 403',
      VARY,
    ],
  ])
}
decides('websocket: true on a public route', route([PUBLIC], { websocket: true }), [
  ['anybody', upgrade(EVIL), 'allowed websocket: public by rule 0, forward', VARY],
  ['but somebody', upgrade(undefined), 'denied websocket: origin-missing, refuse 403', VARY],
])

t.test('a decision is a value', async t => {
  const policy = route([SHOP_RULE])
  for (const asked of [sends('GET', SHOP), sends('GET', EVIL), asks('PUT', SHOP), sends('GET', undefined)]) {
    const first = decide(policy, asked, TODAY)
    t.ok(Object.isFrozen(first), 'frozen')
    t.ok(Object.isFrozen(first.headers) && Object.isFrozen(first.vary), 'with its lists')
    t.strictSame(tell(decide(policy, asked, TODAY)), tell(first), 'the same question, the same answer')
  }
})

function upgrade(origin: string | undefined, facts: Partial<CorsRequest> = {}): CorsRequest {
  return request({ origin, websocket: true, ...facts })
}

function names(count: number): string {
  return Array.from({ length: count }, (_, index) => `x-${index}`).join(',')
}
