import { parseTarget } from '../http/target.js'
import type { ScanCodeFacts } from './code-facts.js'
import type { Place } from './probes/probe.js'
import { hostFacts, type ScanTarget } from './target.js'

/**
 * Policy YAML that mends a finding: a route to paste under `routes:`. It is as narrow as it can be without knowing
 * the API; where its users' origins are not known, one has to be filled in.
 *
 * @param known origins that are meant to be allowed
 * @param at where the finding shows: a neighbour of the URL is no path of the URL's own route
 * @param webSocket whether the URL is seen to open WebSockets, which a route refuses unless it says so
 */
export function fixOf(
  kind: ScanCodeFacts['fix'],
  target: ScanTarget,
  known: readonly string[],
  at: Place = 'url',
  webSocket = false,
): string {
  if (kind === 'none') return ''
  return [...route(target, at, webSocket), ...CORS[kind](target, known)].join('\n')
}

function route({ host, path }: ScanTarget, at: Place, webSocket: boolean): readonly string[] {
  const canonical = routePath(path, at)
  const name = canonical.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')
  return [
    `- id: ${JSON.stringify(name === '' ? 'root' : name.slice(0, 60))}`,
    ...(/^[a-z0-9.-]+$/.test(host) ? [`  hosts: [${JSON.stringify(host)}]`] : []),
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
  'exact-origins': ({ scheme, host }: ScanTarget, known: readonly string[]) => [
    '  cors:',
    `    - allowOrigins: [${(known.length > 0 ? known : [example(scheme, host)]).map(origin => JSON.stringify(origin)).join(', ')}]${known.length > 0 ? '' : '  # exactly the sites that need it'}`,
    '      allowMethods: [GET]  # and what else they use',
    '      allowCredentials: true  # only if they send cookies',
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
