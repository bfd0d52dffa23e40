import { nearestByEdits } from '../../policy/problems/suggest.js'
import { SETTINGS, variableOf } from '../../settings.js'

/**
 * A sentence for each variable that was probably meant to be a setting's. Only near misses: Kubernetes itself sets
 * variables that begin with the name of a Service, and others may have theirs.
 */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = new Set([...SETTINGS.map(variableOf), `${PREFIX}SETTINGS`])
  const names = [...known].map(name => name.slice(PREFIX.length))
  return Object.keys(env).flatMap(name => {
    if (!name.startsWith(PREFIX) || known.has(name) || OF_A_SERVICE.test(name)) return []
    const written = name.slice(PREFIX.length)
    const meant = OTHER_VARIABLES.get(written) ?? nearestByEdits(written, names)
    return meant === undefined
      ? []
      : [`warning: the variable ${name} is no setting and was ignored; did you mean ${PREFIX}${meant}?`]
  })
}

const PREFIX = 'CROSSGATE_'

/** What other programs call it. */
const OTHER_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['HOST', 'LISTEN'],
  ['POLICY_FILE', 'POLICY'],
  ['POLICY_PATH', 'POLICY'],
  ['CONFIG', 'POLICY'],
])

/** https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
const OF_A_SERVICE = /_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$|_PORT(?:_\d+_[A-Z]+(?:_(?:PROTO|PORT|ADDR))?)?$/
