import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import type { Explanation } from '../explain/explain.js'
import type { Position } from '../problems/problem.js'
import { originSetsOf } from '../resolved/origin-sets.js'
import { ruleName } from '../resolved/rule-name.js'

/** Something of a policy that an expectation can touch. */
export interface Coverable {
  readonly kind: 'route' | 'rule' | 'origin'
  readonly name: string
  readonly position: Position
}

export interface CoverageReport {
  readonly total: number
  readonly missing: readonly Coverable[]
  /** From 0 to 100, rounded down: only everything is 100. */
  readonly percent: number
}

/** Gathers what expectations touch: the routes that answered, the rules that decided, the entries that held. */
export class Coverage {
  readonly #touched = new Set<string>()

  add({ evaluation: { route, decision }, rules }: Explanation): void {
    if (route === undefined) return
    this.#touched.add(keyOfRoute(route))
    if (decision.rule !== undefined) this.#touched.add(keyOfRule(route, decision.rule.index))
    for (const { entry } of rules) if (entry !== undefined) this.#touched.add(keyOfPlace(entry.position))
  }

  report(policy: CompiledPolicy): CoverageReport {
    const all = coverablesOf(policy)
    const missing = all.filter(([key]) => !this.#touched.has(key)).map(([, coverable]) => coverable)
    const percent = all.length === 0 ? 100 : Math.floor((100 * (all.length - missing.length)) / all.length)
    return { total: all.length, missing, percent }
  }
}

function coverablesOf(policy: CompiledPolicy): readonly (readonly [string, Coverable])[] {
  const routes = policy.routes.flatMap(route => [
    [
      keyOfRoute(route),
      { kind: 'route', name: `the route \`${route.id}\``, position: route.position },
    ] as const,
    ...route.cors.map(
      ({ position }, index) =>
        [keyOfRule(route, index), { kind: 'rule', name: ruleName(route.id, index), position }] as const,
    ),
  ])
  const origins = [...originSetsOf(policy.resolved)].flatMap(({ entries }) =>
    [...entries]
      .filter(({ pattern }) => pattern.kind !== 'any')
      .map(
        ({ text, position }) =>
          [keyOfPlace(position), { kind: 'origin', name: `\`${text}\``, position }] as const,
      ),
  )
  return [...routes, ...origins]
}

function keyOfRoute({ id }: CompiledRoute): string {
  return `route ${id}`
}

function keyOfRule({ id }: CompiledRoute, index: number): string {
  return `rule ${index} ${id}`
}

function keyOfPlace({ file, line, column }: Position): string {
  return `origin ${line}:${column} ${file}`
}
