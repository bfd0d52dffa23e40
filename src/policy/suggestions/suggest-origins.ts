import { isIP } from 'node:net'
import { getPublicSuffix, parse } from 'tldts'
import { parseOrigin } from '../../cors/origin.js'
import { isLoopbackHost } from '../../cors/origin-pattern.js'
import { compilePolicy } from '../compiled/compile.js'
import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import { evaluate, type PolicyRequest } from '../evaluate.js'
import type { SourceFile } from '../problems/source.js'
import { resolvePolicy } from '../resolve/resolve.js'
import { type Grant, grantOrigin } from './grant-origins.js'

/** Denials of one origin on one route for one reason, as the audit log has them added up. */
export interface DenialEvidence {
  readonly origin: string | undefined
  readonly route: string | undefined
  readonly reason: string
  readonly hint: string | undefined
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly methods: ReadonlySet<string>
  readonly headers: ReadonlySet<string>
  readonly path: string
  readonly host: string
  readonly preflight: boolean
}

/** An origin that was denied on a route, everything the log has on it, and what becomes of it. */
export interface Suggestion {
  readonly origin: string
  readonly route: string
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  /** True where a preflight came first: then no form or image can have made the request. */
  readonly preflight: boolean
  readonly hint: string | undefined
  /** For a suggested one: the rule it joins, or `new`, and what to think about. */
  readonly rule?: number | 'new'
  readonly remarks?: readonly string[]
  /** For a refused one. */
  readonly refused?: string
}

export interface Suggestions {
  readonly suggested: readonly Suggestion[]
  readonly refused: readonly Suggestion[]
  /** The policy's files with what is suggested. */
  readonly files: readonly SourceFile[]
}

/**
 * Turns the denials of an audit log into additions to its policy. Only what is plainly somebody's own https origin,
 * asked for more than once, is suggested; everything else is refused with its reason. Each addition is tried: the
 * policy must still load, and the recorded requests must pass.
 *
 * @param minimum requests below which an origin is a one-off
 */
export function suggestOrigins(
  denials: readonly DenialEvidence[],
  sources: readonly SourceFile[],
  policy: CompiledPolicy,
  minimum: number,
  now: number,
): Suggestions {
  const suggested: Suggestion[] = []
  const refused: Suggestion[] = []
  let files = sources
  let current = policy
  for (const candidate of candidatesOf(denials)) {
    const why = riskOf(candidate, current, minimum)
    if (why !== undefined) {
      refused.push({ ...shown(candidate), refused: why })
      continue
    }
    const route = current.routes.find(({ id }) => id === candidate.route)!
    const rule = fittingRule(route, candidate)
    const edited = grantOrigin(files, grantOf(candidate, rule))
    const resolved = edited && resolvePolicy(edited)
    const next = resolved?.policy && compilePolicy(resolved.policy)
    if (edited === undefined || next === undefined || !passes(next, candidate, now)) {
      const problem = resolved?.problems.find(({ severity }) => severity === 'error')
      const refusal = problem?.message ?? 'the route is written in a way that can only be edited by hand'
      refused.push({ ...shown(candidate), refused: refusal })
      continue
    }
    files = edited
    current = next
    suggested.push({ ...shown(candidate), rule: rule ?? 'new', remarks: remarksOn(route, rule, candidate) })
  }
  return { suggested, refused, files }
}

interface Candidate extends Omit<Suggestion, 'rule' | 'remarks' | 'refused' | 'route'> {
  readonly route: string | undefined
  readonly reasons: ReadonlySet<string>
  readonly host: string
  readonly path: string
}

// One for each origin and route, whatever the reasons.
function candidatesOf(denials: readonly DenialEvidence[]): readonly Candidate[] {
  const groups = new Map<string, DenialEvidence[]>()
  for (const row of denials) {
    if (row.origin === undefined) continue
    const key = `${row.origin}\u0000${row.route}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map(rows => ({
    origin: rows[0]?.origin ?? '',
    route: rows[0]?.route,
    host: rows[0]?.host ?? '',
    path: rows[0]?.path ?? '',
    count: rows.reduce((sum, row) => sum + row.count, 0),
    firstSeen: rows.map(row => row.firstSeen).sort()[0] ?? '',
    lastSeen:
      rows
        .map(row => row.lastSeen)
        .sort()
        .at(-1) ?? '',
    methods: [...new Set(rows.flatMap(row => [...row.methods]))].sort(),
    headers: [...new Set(rows.flatMap(row => [...row.headers]))].sort(),
    preflight: rows.some(row => row.preflight),
    hint: rows.find(row => row.hint !== undefined)?.hint,
    reasons: new Set(rows.map(row => row.reason)),
  }))
}

function riskOf(candidate: Candidate, policy: CompiledPolicy, minimum: number): string | undefined {
  const { origin, route, reasons, count } = candidate
  if (origin === 'null') return 'null is every sandboxed frame and local file, not somebody'
  if (route === undefined) return 'no route matched: there is nothing to allow it on'
  if (!policy.routes.some(({ id }) => id === route)) return `the policy has no route ${route} any more`
  if (reasons.has('origin-expired'))
    return 'the policy let it expire: renew it by hand, if that was a mistake'
  if (!reasons.has('origin-not-allowed')) {
    const list = [...reasons].join(', ')
    return `the origin is not what was denied (${list}): widening the rule would widen it for all its origins`
  }
  return (
    originRisk(origin) ??
    (count < minimum ? `a one-off: seen ${count} of at least ${minimum} times` : undefined)
  )
}

function originRisk(text: string): string | undefined {
  const origin = parseOrigin(text)
  if (origin === undefined) return 'not an origin that a browser sends'
  const { scheme, host } = origin
  if (isLoopbackHost(host)) return "somebody's own machine: whatever runs there could call"
  if (scheme === 'http') return 'plain http: anyone on the way can be this origin. Ask for https'
  if (scheme !== 'https') return `${scheme}: is no web origin; add it by hand if it is your app`
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return 'an IP address: whoever has it next would be let in'
  if (/(^|\.)xn--/.test(host))
    return 'an internationalised name: compare it with the real one letter by letter'
  const suffix = getPublicSuffix(host, { allowPrivateDomains: true, validateHostname: false })
  if (suffix === host || !host.includes('.')) return 'not a registered name'
  if (parse(host, { allowPrivateDomains: true, validateHostname: false }).isPrivate) {
    return `anyone can have a name below ${suffix}: make sure that this one is yours, and add it by hand`
  }
  return undefined
}

/** The narrowest rule that allows what was asked: without credentials before with. */
function fittingRule(route: CompiledRoute, { methods, headers }: Candidate): number | undefined {
  const fitting = route.corsPolicy.rules.filter(
    rule =>
      !rule.anyOrigin &&
      methods.every(method => rule.methods === undefined || rule.methods.has(method)) &&
      headers.every(name => rule.anyHeader || rule.headers.has(name)),
  )
  return (fitting.find(rule => !rule.credentials) ?? fitting[0])?.index
}

function remarksOn(
  route: CompiledRoute,
  rule: number | undefined,
  { hint, preflight }: Candidate,
): readonly string[] {
  const remarks: string[] = []
  if (rule === undefined)
    remarks.push('a rule of its own, without credentials: no rule allows these methods and headers')
  else if (route.corsPolicy.rules[rule]?.credentials) {
    remarks.push(`rule ${rule} allows credentials: this origin may then act with its visitors' cookies`)
  }
  if (hint !== undefined) remarks.push(`near miss (${hint}): perhaps the policy has a typing mistake instead`)
  if (!preflight) remarks.push('no preflight was seen: links and forms make such requests too')
  return remarks
}

function grantOf(candidate: Candidate, rule: number | undefined): Grant {
  const { origin, route = '', methods, headers, count, firstSeen, lastSeen, preflight } = candidate
  const evidence = [
    `${origin}: denied ${count} times`,
    `${firstSeen.slice(0, 10)} to ${lastSeen.slice(0, 10)}`,
    methods.join(' '),
    preflight ? 'with preflight' : 'no preflight',
  ]
  return { origin, route, rule, methods, headers, evidence: evidence.join(', ') }
}

// What the log holds, asked again: the preflight where there was one, then the request.
function passes(policy: CompiledPolicy, candidate: Candidate, now: number): boolean {
  const { origin, methods, headers, preflight } = candidate
  return methods.every(method => {
    const actual = replayed(candidate, { method, origin })
    const asked = {
      method: 'OPTIONS',
      origin,
      requestMethod: method,
      requestHeaders: headers.length === 0 ? undefined : headers.join(','),
    }
    const requests = preflight && method !== 'OPTIONS' ? [actual, replayed(candidate, asked)] : [actual]
    return requests.every(request => evaluate(policy, request, now).decision.outcome === 'allowed')
  })
}

function replayed(
  { host, path }: Candidate,
  facts: Pick<PolicyRequest, 'method' | 'origin'> & Partial<PolicyRequest>,
): PolicyRequest {
  return {
    target: path,
    host,
    scheme: 'https',
    requestMethod: undefined,
    requestHeaders: undefined,
    requestPrivateNetwork: undefined,
    secFetchSite: undefined,
    websocket: false,
    ...facts,
  }
}

function shown({ reasons: _reasons, host: _host, path: _path, route = '', ...rest }: Candidate): Suggestion {
  return { ...rest, route }
}
