import type { UpstreamGrants } from '../../cors/upstream-grants.js'
import type { CompiledRoute } from '../compiled/compiled-policy.js'
import type { Candidate } from './candidate.js'
import type { Grant } from './grant-origins.js'
import { exposableOf, exposes, ungranted } from './upstream-grants.js'

/** Where a candidate goes, and what its reviewer must know. */
export interface Placement {
  readonly grant: Grant
  readonly remarks: readonly string[]
  readonly credentialsGranted: boolean
}

/**
 * The narrowest rule that allows what was asked and exposes what the upstream does; without credentials before with,
 * and with them only where the upstream granted this very origin them. Otherwise a rule of its own, without.
 */
export function placementOf(
  route: CompiledRoute,
  candidate: Candidate,
  grants: UpstreamGrants | undefined,
): Placement {
  const { origin, methods, headers } = candidate
  const exposed = exposableOf(grants)
  const credentialsGranted = grants?.credentialsTo.has(origin) ?? false
  const asked = route.corsPolicy.rules.filter(
    rule =>
      !rule.anyOrigin &&
      methods.every(method => rule.methods === undefined || rule.methods.has(method)) &&
      headers.every(name => rule.anyHeader || rule.headers.has(name)),
  )
  const fitting = asked.filter(({ index }) => exposed.every(name => exposes(route.cors[index], name)))
  const rule =
    fitting.find(({ credentials }) => !credentials) ?? (credentialsGranted ? fitting[0] : undefined)

  const remarks: string[] = []
  const notes: string[] = []
  if (rule === undefined) {
    remarks.push(`a rule of its own, without credentials: ${whyNew(asked.length, fitting.length)}`)
  }
  if (rule?.credentials) {
    notes.push('the upstream granted it credentials, and so does this rule')
    remarks.push(
      `rule ${rule.index} allows credentials, as the upstream did: this origin may then act with its visitors' cookies`,
    )
  } else if (credentialsGranted) {
    notes.push('the upstream granted it credentials: allowCredentials: true if its pages need cookies')
    remarks.push(
      `the upstream granted it credentials (as to ${others(grants)}), the rule does not: decide whether its pages need their visitors' cookies; if so, a rule with allowCredentials: true`,
    )
  }
  if (ungranted(candidate, grants) !== undefined) {
    notes.push('no record shows that the upstream allowed it')
    remarks.push('no record shows that the upstream allowed it: its pages may read nothing today')
  }
  if (exposed.length > 0) notes.push(`the upstream exposed ${exposed.join(' ')}`)
  if (rule === undefined && exposed.length > 0) {
    remarks.push(`exposes what the upstream exposes: ${exposed.join(', ')}`)
  }
  if (grants?.exposed.has('*'))
    remarks.push('the upstream exposes every header (*): name in exposeHeaders those that its pages read')
  remarks.push(...remarksOn(candidate))
  const grant = { origin, route: route.id, rule: rule?.index, methods, headers, exposed }
  return { grant: { ...grant, evidence: evidenceOf(candidate, notes) }, remarks, credentialsGranted }
}

function whyNew(asked: number, fitting: number): string {
  if (asked === 0) return 'no rule allows these methods and headers'
  if (fitting === 0) return 'no rule that fits exposes what the upstream does'
  return 'the rule that fits has them, and no record shows that the upstream granted this origin any'
}

function others(grants: UpstreamGrants | undefined): string {
  const count = (grants?.credentialsTo.size ?? 1) - 1
  return count === 0 ? 'no other origin' : `${count} other origin${count === 1 ? '' : 's'}`
}

function remarksOn({ hint, preflight, enforced }: Candidate): readonly string[] {
  const remarks: string[] = []
  if (enforced) remarks.push('it was blocked, so nobody relies on it: make sure that it is no attacker')
  if (hint !== undefined) remarks.push(`near miss (${hint}): perhaps the policy has a typing mistake instead`)
  if (!preflight) remarks.push('no preflight was seen: links and forms make such requests too')
  return remarks
}

function evidenceOf(candidate: Candidate, notes: readonly string[]): string {
  const { origin, methods, count, firstSeen, lastSeen, preflight } = candidate
  const seen = [
    `${origin}: denied ${count} times`,
    `${firstSeen.slice(0, 10)} to ${lastSeen.slice(0, 10)}`,
    methods.join(' '),
    preflight ? 'with preflight' : 'no preflight',
  ]
  return [seen.join(', '), ...notes].join('; ')
}
