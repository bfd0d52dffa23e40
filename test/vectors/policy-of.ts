import type { Vector, VectorPolicy } from './vector.js'

/** Where the vectors' upstreams listen. */
export interface UpstreamUrls {
  readonly main: string
  /** Nothing listens there. */
  readonly down: string
}

/** The host that a vector's routes serve, so that one gateway can hold every vector's policy. */
export function hostOf(vector: Vector): string {
  return `${vector.id}.vectors.test`
}

/** A whole policy file in our format around `routes`. */
export function policyFile(routes: readonly string[], urls: UpstreamUrls): string {
  return `${[
    'version: 1',
    'upstreams:',
    `  main: { url: "${urls.main}" }`,
    `  down: { url: "${urls.down}" }`,
    // For the upstream that never answers: long enough for nobody else to run into it.
    `  hanging: { url: "${urls.main}", timeouts: { headers: 300ms } }`,
    'routes:',
    ...routes,
  ].join('\n')}\n`
}

/**
 * A vector's policy as routes in our format. Every line that a field of the vector became ends in a comment with that
 * field's name (`# origins[0]`), so that a problem's line says which field it is about.
 */
export function routesOf(vector: Vector): string[] {
  const { policy } = vector
  const base = policy.routes === undefined ? basePaths(vector) : ['/**']
  return [
    ...base.flatMap(path => routeOf(vector, path, policy)),
    ...(policy.routes ?? []).flatMap(route => routeOf(vector, `${route.path}/**`, route)),
  ]
}

/** The route's id: what the audit record names. */
export function routeId(vector: Vector, path: string): string {
  return `${vector.id}${path.replace('/**', '').replaceAll('/', '-')}`
}

// Everything is at home below /r; WebSockets are enabled below /ws alone. /nowhere is a path that no route knows.
function basePaths(vector: Vector): string[] {
  const first = `/${vector.request?.path.split('/')[1] ?? 'r'}`
  const paths = new Set(['/r', first])
  // What is smuggled must find a route, or it would not show.
  if (vector.kind === 'smuggling') paths.add('/smuggled')
  paths.delete('/nowhere')
  return [...paths].map(path => `${path}/**`)
}

function routeOf(vector: Vector, path: string, policy: VectorPolicy): string[] {
  return [
    `  - id: ${routeId(vector, path)}`,
    `    hosts: ["${hostOf(vector)}"]`,
    `    path: ${JSON.stringify(path)}`,
    `    upstream: ${upstreamOf(vector)}`,
    // What an upstream says about CORS is seen only where a denied request reaches it.
    `    onDenied: ${vector.kind === 'header-strip' || policy.none ? 'strip' : 'block'}`,
    `    websocket: ${path === '/ws/**'}`,
    ...corsOf(policy),
  ]
}

function upstreamOf({ upstream }: Vector): string {
  if (upstream?.down) return 'down'
  return upstream?.hang ? 'hanging' : 'main'
}

function corsOf(policy: VectorPolicy): string[] {
  if (policy.yaml !== undefined) {
    const lines = policy.yaml.trimEnd().replace(/^origins:/gm, 'allowOrigins:')
    return ['    cors:', '      -', ...lines.split('\n').map(line => `        ${line}`), METHODS]
  }
  if (policy.none || isEmpty(policy['origins'])) return []
  return ['    cors:', '      -', ...Object.entries(withNull(policy)).flatMap(fieldLines)]
}

// The vectors' opt-in allows the origin; ours is a switch beside the entry.
function withNull(policy: VectorPolicy): VectorPolicy {
  if (!policy['allowNullOrigin']) return policy
  return { ...policy, origins: [...(policy['origins'] as unknown[]), 'null'] }
}

function fieldLines([field, value]: [string, unknown]): string[] {
  if (OTHERS.has(field) || value === null || value === false || isEmpty(value)) return []
  const key = `        ${KEYS.get(field) ?? field}:`
  if (!Array.isArray(value)) return [`${key} ${scalar(value)} # ${field}`]
  return [
    `${key} # ${field}`,
    ...value.map((item, index) => `          - ${scalar(item)} # ${field}[${index}]`),
  ]
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

// JSON is YAML; escaped, so that invisible characters cannot be taken for white space or a line's end.
function scalar(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The vectors' field names and ours; what is not here stays as it is and is, on purpose, an unknown key. */
export const KEYS: ReadonlyMap<string, string> = new Map([
  ['origins', 'allowOrigins'],
  ['methods', 'allowMethods'],
  ['headers', 'allowHeaders'],
  ['exposeHeaders', 'exposeHeaders'],
  ['credentials', 'allowCredentials'],
  ['maxAge', 'maxAge'],
  ['privateNetwork', 'allowPrivateNetwork'],
  ['allowNullOrigin', 'dangerouslyAllowNullOrigin'],
])
// `allowInsecureOrigins` stands only beside `credentials: false`, where we need no such switch.
const OTHERS: ReadonlySet<string> = new Set(['routes', 'none', 'path', 'allowInsecureOrigins'])
const METHODS = '        allowMethods: [GET]'
