import { parseTarget } from '../http/target.js'
import type { ScanCodeFacts } from './code-facts.js'
import type { Place } from './probes/probe.js'
import { hostFacts, type ScanTarget } from './target.js'

/**
 * Policy YAML that mends a finding: a route to paste under `routes:`. It is as narrow as it can be without knowing
 * the API; where its users' origins are not known, one has to be filled in.
 *
 */
export function fixOf(kind: ScanCodeFacts['fix'], target: ScanTarget, seen: Seen): string {
  if (kind === 'none') return ''
  return [...route(target, seen), ...CORS[kind](target, seen)].join('\n')
}

/** What the scan saw of the URL, for the route to be no wider and no narrower. */
export interface Seen {
  /** Origins that are meant to be allowed. */
  readonly known: readonly string[]
  /** Where the finding shows: a neighbour of the URL is no path of the URL's own route. */
  readonly at: Place
  /** Whether the URL opens WebSockets, which a route refuses unless it says so. */
  readonly webSocket: boolean
  /** Whether the server lets anyone read with credentials: else nobody is given what nobody had. */
  readonly credentials: boolean
}

function route({ host, path }: ScanTarget, { at, webSocket }: Seen): readonly string[] {
  const canonical = routePath(path, at)
  const name = canonical.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')
  return [
    `- id: ${JSON.stringify(name === '' ? 'root' : name.slice(0, 60))}`,
    ...(/^[a-z0-9.-]+$/.test(host)
      ? [`  hosts: [${JSON.stringify(host)}]  # the name that browsers ask`]
      : []),
    `  path: ${JSON.stringify(canonical)}`,
    '  upstream: api  # the server that answers today',
    ...(webSocket ? ['  websocket: true'] : []),
  ]
}

/**
 * The path as routes have it, or a pattern that holds the neighbour too; all paths, where the gateway would refuse this
 * one or read it as a pattern.
 */
function routePath(path: string, at: Place): string {
  const { target } = parseTarget(path)
  if (target === undefined || target.path.includes('*') || at === 'double-slash-path') return '/**'
  if (BESIDE.has(at)) return `${target.path.slice(0, target.path.lastIndexOf('/'))}/**`
  return at === 'slash-path' ? `${target.path.replace(/\/$/, '')}/**` : target.path
}

const BESIDE: ReadonlySet<Place> = new Set(['unknown-path', 'bad-path'])

const CORS = {
  'exact-origins': ({ scheme, host }: ScanTarget, { known, credentials }: Seen) => [
    '  cors:',
    `    - allowOrigins: [${(known.length > 0 ? known : [example(scheme, host)]).map(origin => JSON.stringify(origin)).join(', ')}]${known.length > 0 ? '' : '  # exactly the sites that need it'}`,
    '      allowMethods: [GET]  # and what else they use',
    `      ${credentials ? '' : '# '}allowCredentials: true  # only if they send cookies`,
  ],
  public: () => [
    '  cors:',
    '    - allowOrigins: ["*"]  # if this is meant for everyone',
    '      allowMethods: [GET]',
  ],
} as const

function example(scheme: string, host: string): string {
  const { site } = hostFacts(host)
  return site === undefined ? 'https://app.example' : `${scheme === 'http' ? 'https' : scheme}://www.${site}`
}
