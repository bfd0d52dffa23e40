import { parseTarget } from '../http/target.js'
import type { ScanCodeFacts } from './code-facts.js'
import { hostFacts, type ScanTarget } from './target.js'

/**
 * Policy YAML that mends a finding: a route to paste under `routes:`. It is as narrow as it can be without knowing
 * the API; where its users' origins are not known, one has to be filled in.
 *
 * @param known origins that are meant to be allowed
 */
export function fixOf(kind: ScanCodeFacts['fix'], target: ScanTarget, known: readonly string[]): string {
  if (kind === 'none') return ''
  return [...route(target), ...CORS[kind](target, known)].join('\n')
}

function route({ host, path }: ScanTarget): readonly string[] {
  const canonical = routePath(path)
  const name = canonical.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')
  return [
    `- id: ${JSON.stringify(name === '' ? 'root' : name.slice(0, 60))}`,
    ...(/^[a-z0-9.-]+$/.test(host) ? [`  hosts: [${JSON.stringify(host)}]`] : []),
    `  path: ${JSON.stringify(canonical)}`,
    '  upstream: api  # the server that answers today',
  ]
}

/** The path as routes have it; all paths, where the gateway would refuse this one or read it as a pattern. */
function routePath(path: string): string {
  const { target } = parseTarget(path)
  return target === undefined || target.path.includes('*') ? '/**' : target.path
}

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
