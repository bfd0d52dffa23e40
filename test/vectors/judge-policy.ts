import type { Problem } from '../../src/policy/problems/problem.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import type { ResolvedRule } from '../../src/policy/resolved/resolved-policy.js'
import { KEYS, policyFile, routesOf } from './policy-of.js'
import type { Expectation, Vector } from './vector.js'

/** What the loader says to a vector's policy: the function that `serve` starts with. */
export interface Loaded {
  /** The policy's text, for positions. */
  readonly lines: readonly string[]
  /** Errors only. Empty: it loads. */
  readonly errors: readonly Problem[]
  readonly rule: ResolvedRule | undefined
}

export function load(vector: Vector): Loaded {
  const text = policyFile(routesOf(vector), { main: 'http://127.0.0.1:1', down: 'http://127.0.0.1:1' })
  const { policy, problems } = resolvePolicy([{ file: `${vector.id}.yaml`, text }])
  const errors = problems.filter(problem => problem.severity === 'error')
  return { lines: text.split('\n'), errors, rule: policy?.routes[0]?.cors[0] }
}

/** What of a policy-validation vector's `expect` does not hold. */
export function judgePolicy(loaded: Loaded, expect: Expectation): string[] {
  const { policyError, normalised = {} } = expect
  if (policyError) return refusalFaults(loaded, policyError.field)
  if (loaded.errors.length > 0) return [`must load: ${codesOf(loaded)}`]
  return Object.entries(normalised)
    .map(([field, wanted]) => normalisedFault(loaded, field, wanted))
    .filter(fault => fault !== undefined)
}

/** Where a refusal does not name the field that is at fault, or there is none. */
export function refusalFaults(loaded: Loaded, field: string): string[] {
  if (loaded.errors.length === 0) return ['must be refused, but loads']
  return loaded.errors.some(problem => isAbout(loaded, problem, field))
    ? []
    : [`refused, but not for ${field}: ${codesOf(loaded)}`]
}

export function codesOf({ errors }: Loaded): string {
  return errors.map(({ code, line }) => `${code} at line ${line}`).join(', ')
}

// At the field's own line, or at a line of its list; where the field is missing, by its name.
function isAbout({ lines }: Loaded, problem: Problem, field: string): boolean {
  const line = lines[problem.line - 1] ?? ''
  const about = / # ([^"]*)$/.exec(line)?.[1]
  if (about === field || about?.startsWith(`${field}[`)) return true
  if (lines.some(each => each.endsWith(` # ${field}`))) return false
  const key = KEYS.get(field) ?? field
  return field === 'yaml' ? problem.code.startsWith('yaml-') : `${problem.message} ${line}`.includes(key)
}

function normalisedFault({ rule }: Loaded, field: string, wanted: readonly string[]): string | undefined {
  const got = (rule && NORMALISED[field]?.(rule)) ?? []
  const same = [...new Set(got)].sort().join() === [...wanted].sort().join()
  return same ? undefined : `normalised ${field}: got ${JSON.stringify(got)}`
}

const NORMALISED: Readonly<Record<string, ((rule: ResolvedRule) => readonly string[]) | undefined>> = {
  origins: rule => rule.origins.flatMap(set => [...set.entries].map(entry => entry.text)),
  methods: rule => rule.allowMethods,
  headers: rule => rule.allowHeaders,
  // The vector's own note: keeping what every page can read anyway is harmless. It goes when the rule is compiled.
  exposeHeaders: rule => rule.exposeHeaders.filter(name => !READABLE.has(name)),
}
const READABLE = new Set(['cache-control', 'content-type'])
