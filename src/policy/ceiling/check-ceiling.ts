import type { Position, Problem } from '../problems/problem.js'
import type { ProblemCode } from '../problems/problem-codes.js'
import { ProblemList } from '../problems/problem-list.js'
import { originSetsOf } from '../resolved/origin-sets.js'
import type {
  ResolvedOrigin,
  ResolvedPolicy,
  ResolvedRoute,
  ResolvedRule,
} from '../resolved/resolved-policy.js'
import { ruleName } from '../resolved/rule-name.js'
import { DAY_MILLISECONDS } from '../schema/day.js'
import type { Ceiling } from './ceiling.js'

/**
 * Everything in a policy that is beyond its ceiling, each with the line of the ceiling that forbids it.
 *
 * @param now Unix milliseconds
 */
export function checkCeiling(policy: ResolvedPolicy, ceiling: Ceiling, now: number): readonly Problem[] {
  const problems = new ProblemList()
  const refuse: Refuse = (code, at, field, message, suggestion) =>
    problems.error(code, at, `${message}; see ${ceiling.lineOf(field)}`, { suggestion })

  for (const set of originSetsOf(policy)) {
    for (const entry of set.entries) checkEntry(entry, ceiling, refuse)
  }
  for (const route of policy.routes) {
    checkReport(route, ceiling, now, refuse)
    for (const [index, rule] of route.cors.entries()) {
      checkRule(rule, ruleName(route.id, index), ceiling, refuse)
    }
  }
  return problems.sorted()
}

type Refuse = (code: ProblemCode, at: Position, field: keyof Ceiling, message: string, help: string) => void

function checkEntry(
  { text, pattern, owner, expiresAt, position }: ResolvedOrigin,
  ceiling: Ceiling,
  refuse: Refuse,
) {
  if (pattern.kind === 'any') return
  const { originsUnder, requireOwner, requireExpiry } = ceiling
  if (originsUnder !== undefined && !('host' in pattern && isUnder(pattern.host, originsUnder))) {
    const hosts = [...originsUnder].join(', ')
    refuse(
      'ceiling-origin',
      position,
      'originsUnder',
      `\`${text}\` is not under ${hosts}`,
      'remove it, or have the ceiling raised',
    )
  }
  if (requireOwner && owner === undefined) {
    refuse(
      'ceiling-owner',
      position,
      'requireOwner',
      `\`${text}\` names no owner`,
      `write { origin: ${quoted(text)}, owner: … }`,
    )
  }
  if (requireExpiry && expiresAt === undefined) {
    refuse(
      'ceiling-expiry',
      position,
      'requireExpiry',
      `\`${text}\` has no last day`,
      `write { origin: ${quoted(text)}, expires: YYYY-MM-DD }`,
    )
  }
}

function isUnder(host: string, hosts: ReadonlySet<string>): boolean {
  if (hosts.has(host)) return true
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (hosts.has(host.slice(dot + 1))) return true
  }
  return false
}

function checkRule(rule: ResolvedRule, name: string, ceiling: Ceiling, refuse: Refuse): void {
  const at = (field: string) => rule.fields.get(field) ?? rule.position
  if (rule.anyOrigin && !ceiling.allowAnyOrigin) {
    const field = ceiling.sets('allowAnyOrigin') ? 'allowAnyOrigin' : 'originsUnder'
    refuse('ceiling-any-origin', at('allowOrigins'), field, `${name} is for everyone`, 'name the origins')
  }
  if (rule.allowCredentials && !ceiling.allowCredentials) {
    refuse(
      'ceiling-credentials',
      at('allowCredentials'),
      'allowCredentials',
      `${name} allows credentials`,
      'remove `allowCredentials`',
    )
  }
  const methods = rule.anyMethod ? ['*'] : rule.allowMethods
  checkNames('ceiling-method', methods, 'allowMethods', at('allowMethods'))
  checkNames(
    'ceiling-header',
    [...rule.allowHeaders, ...(rule.anyHeader ? ['*'] : [])],
    'allowHeaders',
    at('allowHeaders'),
  )
  checkNames(
    'ceiling-expose',
    [...rule.exposeHeaders, ...(rule.exposeAny ? ['*'] : [])],
    'exposeHeaders',
    at('exposeHeaders'),
  )
  if (ceiling.maxAge !== undefined && rule.maxAge !== undefined && rule.maxAge > ceiling.maxAge) {
    refuse(
      'ceiling-max-age',
      at('maxAge'),
      'maxAge',
      `${name} has a maxAge of ${rule.maxAge} s`,
      `write ${ceiling.maxAge}s or less`,
    )
  }

  function checkNames(
    code: ProblemCode,
    names: readonly string[],
    field: 'allowMethods' | 'allowHeaders' | 'exposeHeaders',
    position: Position,
  ): void {
    const allowed = ceiling[field]
    const beyond = allowed === undefined ? [] : names.filter(one => !allowed.has(one))
    if (beyond.length === 0) return
    const verb = field === 'exposeHeaders' ? 'exposes' : 'allows'
    refuse(
      code,
      position,
      field,
      `${name} ${verb} ${beyond.join(', ')}`,
      `keep to ${[...(allowed ?? [])].join(', ') || 'none'}`,
    )
  }
}

function checkReport(
  { id, mode, reportUntil, fields, position }: ResolvedRoute,
  { reportDays }: Ceiling,
  now: number,
  refuse: Refuse,
): void {
  if (mode !== 'report' || reportDays === undefined) return
  const at = fields.get('reportUntil') ?? fields.get('mode') ?? position
  const latest = new Date(now + reportDays * DAY_MILLISECONDS).toISOString().slice(0, 10)
  const suggestion = `write \`reportUntil: ${latest}\` or an earlier day, or \`mode: enforce\``
  if (reportUntil === undefined) {
    refuse('ceiling-report', at, 'reportDays', `the route \`${id}\` reports without end`, suggestion)
  } else if (reportUntil <= now) {
    refuse('ceiling-report', at, 'reportDays', `the route \`${id}\` has reported for long enough`, suggestion)
  } else if (reportUntil > now + (reportDays + 1) * DAY_MILLISECONDS) {
    refuse(
      'ceiling-report',
      at,
      'reportDays',
      `the route \`${id}\` reports for longer than ${reportDays} days`,
      suggestion,
    )
  }
}

function quoted(text: string): string {
  return /^[a-z][\w:/.-]*$/.test(text) ? text : JSON.stringify(text)
}
