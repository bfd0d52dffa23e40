import { ALLOWED, foreignOriginAt, originAt, type PolicySize, prefixAt } from './policy-sizes.js'

/** One kind of request, sent to many routes and from many origins of a policy in turns. */
export interface Case {
  readonly name: string
  readonly title: string
  readonly method: string
  /** Of the upstream's answers: `/small` is 100 bytes, `/large` 64 KB. */
  readonly path: string
  readonly origin: 'allowed' | 'denied' | 'none'
  readonly headers: Readonly<Record<string, string>>
  /** Bytes. */
  readonly body: number
}

export interface RequestToSend {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Bytes. */
  readonly body: number
}

const GET = { method: 'GET', path: '/small', origin: 'allowed', headers: {}, body: 0 } as const
const PREFLIGHT = {
  method: 'OPTIONS',
  path: '/small',
  headers: {
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': ALLOWED.headers.join(','),
  },
  body: 0,
} as const

export const CASES: readonly Case[] = [
  { name: 'get', title: 'GET, 100 B', ...GET },
  { name: 'get-64k', title: 'GET, 64 KB', ...GET, path: '/large' },
  {
    name: 'post-16k',
    title: 'POST, 16 KB',
    ...GET,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: 16_384,
  },
  { name: 'preflight', title: 'preflight, allowed', ...PREFLIGHT, origin: 'allowed' },
  { name: 'preflight-denied', title: 'preflight, denied', ...PREFLIGHT, origin: 'denied' },
  { name: 'get-denied', title: 'GET, denied', ...GET, origin: 'denied' },
  { name: 'get-no-origin', title: 'GET, no Origin', ...GET, origin: 'none' },
]

export function caseNamed(name: string): Case {
  const found = CASES.find(each => each.name === name)
  if (found === undefined) {
    throw new Error(`no case ${name}: there are ${CASES.map(each => each.name).join(', ')}`)
  }
  return found
}

/** Requests of a case that go all over the policy's routes and origins, the same ones in every run. */
export function requestsOf(each: Case, size: PolicySize): readonly RequestToSend[] {
  const { asked = size } = size
  const count = Math.min(asked.origins, MOST)
  return Array.from({ length: count }, (_, index) => requestOf(each, asked, index * STRIDE))
}

function requestOf(
  { method, path, origin, headers, body }: Case,
  size: PolicySize,
  at: number,
): RequestToSend {
  const origins = { allowed: originAt, denied: foreignOriginAt, none: undefined }
  const nameOf = origins[origin]
  return {
    method,
    path: prefixAt(at % size.routes) + path,
    headers: {
      ...BROWSER,
      ...(nameOf === undefined ? {} : { Origin: nameOf(at % size.origins) }),
      ...headers,
    },
    body,
  }
}

const MOST = 500
/** A prime, so that neighbours are far apart in every list. */
const STRIDE = 7919
/** What a browser sends besides, about as long. */
const BROWSER = {
  Host: 'api.shop.example',
  'User-Agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  Accept: 'application/json',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9',
}
