export const read = { verdict: 'read', status: 200 } as const
export const blocked = { verdict: 'blocked' } as const
export const json = {
  method: 'PUT',
  headers: { 'Content-Type': 'application/json', 'X-Token': 'a' },
  body: '{}',
}
const plainPost = {
  method: 'POST',
  mode: 'no-cors',
  body: 'a form post, as far as a server can tell',
} as const

/** What one fetch came to: for the page, in the audit log and at the upstream. */
export interface FetchCase {
  readonly it: string
  readonly from: 'allowed' | 'foreign'
  readonly path: string
  readonly init?: RequestInit
  /** Matched against a `Seen`. */
  readonly sees: object
  /** The reason of the request's last record; a preflight that fails is the last. */
  readonly reason: string
  /** Which request that was, where it matters. */
  readonly kind?: 'preflight' | 'actual'
  /** Methods of the requests that reached the upstream. */
  readonly reached: readonly string[]
  /** What Chromium tells the page's author. */
  readonly tells?: RegExp
}

export const FETCH_CASES: readonly FetchCase[] = [
  // Simple
  {
    it: 'a simple GET',
    from: 'allowed',
    path: '/data',
    sees: read,
    reason: 'origin-allowed',
    reached: ['GET'],
  },
  {
    it: 'a simple GET, though the upstream would reflect its origin',
    from: 'foreign',
    path: '/data',
    sees: blocked,
    reason: 'origin-not-allowed',
    reached: [],
    tells: /No 'Access-Control-Allow-Origin' header/,
  },
  {
    it: 'HEAD, which GET implies',
    from: 'allowed',
    path: '/data',
    init: { method: 'HEAD' },
    sees: read,
    reason: 'origin-allowed',
    reached: ['HEAD'],
  },
  { it: 'public data', from: 'foreign', path: '/public', sees: read, reason: 'public', reached: ['GET'] },
  {
    it: 'a no-cors POST, the classic CSRF',
    from: 'foreign',
    path: '/data',
    init: plainPost,
    sees: { verdict: 'opaque' },
    reason: 'origin-not-allowed',
    reached: [],
  },

  // Preflighted
  {
    it: 'PUT with JSON and a header of its own',
    from: 'allowed',
    path: '/data',
    init: json,
    sees: read,
    reason: 'origin-allowed',
    reached: ['PUT'],
  },
  {
    it: 'PUT with JSON and a header of its own',
    from: 'foreign',
    path: '/data',
    init: json,
    sees: blocked,
    reason: 'origin-not-allowed',
    kind: 'preflight',
    reached: [],
    tells: /preflight request doesn't pass/,
  },
  {
    it: 'a method that the rule does not list; Chromium can name it',
    from: 'allowed',
    path: '/data',
    init: { method: 'PATCH' },
    sees: blocked,
    reason: 'method-not-allowed',
    kind: 'preflight',
    reached: [],
    tells: /Method PATCH is not allowed by Access-Control-Allow-Methods/,
  },
  {
    it: 'a preflighted POST that the rule does not list, though every browser counts POST as safelisted',
    from: 'allowed',
    path: '/data',
    init: { ...json, method: 'POST' },
    sees: blocked,
    reason: 'method-not-allowed',
    kind: 'preflight',
    reached: [],
  },
  {
    it: 'a simple POST that the rule does not list',
    from: 'allowed',
    path: '/data',
    init: { method: 'POST', body: 'a' },
    sees: blocked,
    reason: 'method-not-allowed',
    reached: [],
  },
  {
    it: 'a method in the wrong case, which fetch sends as it is written',
    from: 'allowed',
    path: '/patchable',
    init: { method: 'patch' },
    sees: blocked,
    reason: 'method-not-allowed',
    kind: 'preflight',
    reached: [],
    tells: /Method patch is not allowed/,
  },
  {
    it: 'a header that the rule does not list; Chromium can name it',
    from: 'allowed',
    path: '/data',
    init: { headers: { 'X-Other': 'a' } },
    sees: blocked,
    reason: 'header-not-allowed',
    kind: 'preflight',
    reached: [],
    tells: /Request header field x-other is not allowed by Access-Control-Allow-Headers/,
  },
  {
    it: 'any header where the rule says *',
    from: 'allowed',
    path: '/wide',
    init: { headers: { 'X-Anything': 'a' } },
    sees: read,
    reason: 'origin-allowed',
    reached: ['GET'],
  },
  {
    it: 'Authorization, which * does not cover',
    from: 'allowed',
    path: '/wide',
    init: { headers: { Authorization: 'Bearer a' } },
    sees: blocked,
    reason: 'header-not-allowed',
    kind: 'preflight',
    reached: [],
    tells: /authorization is not allowed/i,
  },

  // Credentialed
  {
    it: 'with the cookie',
    from: 'allowed',
    path: '/data',
    init: { credentials: 'include' },
    sees: { ...read, body: 'cookie: session=alice' },
    reason: 'origin-allowed',
    reached: ['GET'],
  },
  {
    it: 'with the cookie',
    from: 'foreign',
    path: '/data',
    init: { credentials: 'include' },
    sees: blocked,
    reason: 'origin-not-allowed',
    reached: [],
  },
  {
    it: 'public data with the cookie: sent, but the browser keeps the answer',
    from: 'foreign',
    path: '/public',
    init: { credentials: 'include' },
    sees: blocked,
    reason: 'public',
    reached: ['GET'],
    tells: /must not be the wildcard '\*'/,
  },

  // onDenied: strip
  {
    it: 'strip: sent on, but the browser keeps the answer',
    from: 'foreign',
    path: '/strip',
    sees: blocked,
    reason: 'origin-not-allowed',
    reached: ['GET'],
    tells: /No 'Access-Control-Allow-Origin' header/,
  },
  {
    it: 'strip: a no-cors POST arrives',
    from: 'foreign',
    path: '/strip',
    init: plainPost,
    sees: { verdict: 'opaque' },
    reason: 'origin-not-allowed',
    reached: ['POST'],
  },
  {
    it: 'strip: a denied preflight is refused all the same',
    from: 'foreign',
    path: '/strip',
    init: json,
    sees: blocked,
    reason: 'origin-not-allowed',
    kind: 'preflight',
    reached: [],
  },
  { it: 'strip', from: 'allowed', path: '/strip', sees: read, reason: 'origin-allowed', reached: ['GET'] },

  // Errors
  {
    it: "the upstream's own error",
    from: 'allowed',
    path: '/data/missing',
    sees: { verdict: 'read', status: 404 },
    reason: 'origin-allowed',
    reached: ['GET'],
  },
  {
    it: "the gateway's 502",
    from: 'allowed',
    path: '/down',
    sees: { verdict: 'read', status: 502, body: /"status":\s*502/ },
    reason: 'origin-allowed',
    reached: [],
  },
  {
    it: "the gateway's 502",
    from: 'foreign',
    path: '/down',
    sees: blocked,
    reason: 'origin-not-allowed',
    reached: [],
  },

  // Redirects
  {
    it: 'a redirect within the gateway',
    from: 'allowed',
    path: '/data/moved',
    sees: { ...read, body: 'cookie: none' },
    reason: 'origin-allowed',
    reached: ['GET', 'GET'],
  },
  {
    it: "a redirect to another origin, after which Fetch sends 'null'",
    from: 'allowed',
    path: '/data/away',
    sees: blocked,
    reason: 'origin-null',
    reached: ['GET'],
  },
]
