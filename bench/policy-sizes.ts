/** A policy of the benchmarks: one list of origins, and so many routes to one upstream that allow it. */
export interface PolicySize {
  readonly name: 'small' | 'large' | 'large-same'
  readonly routes: number
  readonly origins: number
  /** The policy whose requests it gets, where they do not go all over its own. */
  readonly asked?: PolicySize
}

export const SMALL: PolicySize = { name: 'small', routes: 1, origins: 3 }
export const LARGE: PolicySize = { name: 'large', routes: 1000, origins: 100_000 }
/**
 * The large one, asked for what the small one is: what a policy's size costs, apart from requests that are all different,
 * which find less in the processor's caches.
 */
export const LARGE_SAME: PolicySize = { ...LARGE, name: 'large-same', asked: SMALL }
export const SIZES: readonly PolicySize[] = [SMALL, LARGE, LARGE_SAME]

/** What every route allows. */
export const ALLOWED = {
  methods: ['GET', 'POST'],
  headers: ['content-type'],
  exposed: ['x-request-id'],
  maxAgeSeconds: 600,
} as const

export const originAt = (index: number) => `https://site-${index}.customers.shop.example`
/** Not in any policy, however many there are. */
export const foreignOriginAt = (index: number) => `https://site-${index}.customers.evil.example`
export const prefixAt = (route: number) => `/service/${route}`

export function originsOf({ origins }: PolicySize): readonly string[] {
  return Array.from({ length: origins }, (_, index) => originAt(index))
}

export function prefixesOf({ routes }: PolicySize): readonly string[] {
  return Array.from({ length: routes }, (_, index) => prefixAt(index))
}

/** The policy as Crossgate's users would write it. */
export function crossgatePolicy(size: PolicySize, upstream: string): string {
  const route = (prefix: string, index: number) => `  - id: r${index}
    path: ${prefix}/**
    upstream: u
    cors:
      - allowOrigins: [customers]
        allowMethods: [${ALLOWED.methods.join(', ')}]
        allowHeaders: [${ALLOWED.headers.join(', ')}]
        exposeHeaders: [${ALLOWED.exposed.join(', ')}]
        maxAge: ${ALLOWED.maxAgeSeconds}s
`
  return `version: 1
upstreams: { u: { url: "${upstream}", connections: 256 } }
origins:
  customers:
${originsOf(size)
  .map(origin => `    - ${origin}\n`)
  .join('')}routes:
${prefixesOf(size).map(route).join('')}`
}
