import type { Explanation } from '../explain/explain.js'
import { type Verdict, verdictText } from '../explain/verdict.js'
import type { Expectation } from './expectations-schema.js'

/** Everything that is not as expected, a sentence each; none: as expected. */
export function judgeExpectation(
  expect: Expectation['expect'],
  { evaluation, headers, verdict }: Explanation,
): readonly string[] {
  const { decision, route } = evaluation
  const found = {
    ...verdict,
    route: route?.id,
    rule: decision.rule?.index,
    status: decision.status,
  }
  const because = [verdictText(verdict), ...(route === undefined ? [] : [`route ${route.id}`])].join(', ')
  return differences(expect, { ...found, headers, because })
}

/**
 * What keeps an expectation that is met from meaning anything: a request that no route serves is denied to everybody,
 * whatever the rules say, and most often its address is mistyped. Undefined where that is what is expected.
 */
export function meaninglessDenial(
  expect: Expectation['expect'],
  { verdict, evaluation, nearestRoutes }: Explanation,
): string | undefined {
  if (evaluation.route !== undefined || evaluation.target === undefined) return undefined
  if (expect.reason !== undefined || expect.status !== undefined) return undefined
  const [near] = nearestRoutes
  const nearest = near === undefined ? '' : ` (nearest: ${near.route.id}, ${near.why})`
  return `denied to everybody: ${verdict.reason}${nearest}; correct the url, or expect \`reason: ${verdict.reason}\``
}

/**
 * Everything that is not as expected of a request that the HTTP parser refuses, before any policy is asked.
 *
 * @param why what is wrong with it, in a few words
 */
export function judgeUnreadable(
  expect: Expectation['expect'],
  { status, why }: { readonly status: number; readonly why: string },
): readonly string[] {
  const because = `the HTTP parser refuses the request with ${status}, before any policy is asked: ${why}`
  const failures = differences(expect, { ...NOTHING_DECIDED, status, because })
  return failures.length === 0 || expect.outcome === 'allowed' ? failures : [...failures, because]
}

interface Found {
  readonly outcome: string
  readonly reason: string | undefined
  readonly route: string | undefined
  readonly rule: number | undefined
  readonly status: number
  /** Name and value in turn. */
  readonly headers: readonly string[]
  /** Why the outcome is what it is. */
  readonly because: string
  readonly step?: Verdict['step']
}

function differences(expect: Expectation['expect'], found: Found): readonly string[] {
  const failures: string[] = []
  for (const name of JUDGED) {
    const wanted = expect[name]
    if (wanted !== undefined && wanted !== found[name])
      failures.push(`${name}: expected ${wanted}, got ${found[name] ?? 'none'}${asideOn(name, found)}`)
  }
  const sent = new Map<string, string>()
  for (let at = 0; at < found.headers.length; at += 2)
    sent.set((found.headers[at] as string).toLowerCase(), found.headers[at + 1] as string)
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const value = sent.get(name.toLowerCase())
    if (value !== (wanted ?? undefined))
      failures.push(`${name}: expected ${wanted ?? 'none'}, got ${value ?? 'none'}`)
  }
  return failures
}

function asideOn(name: (typeof JUDGED)[number], { because, step }: Found): string {
  if (name === 'outcome') return ` (${because})`
  return name === 'reason' && step === 'preflight' ? ' (its preflight)' : ''
}

const JUDGED = ['outcome', 'reason', 'route', 'rule', 'status'] as const

const NOTHING_DECIDED = {
  outcome: 'denied',
  reason: undefined,
  route: undefined,
  rule: undefined,
  headers: [],
} as const
