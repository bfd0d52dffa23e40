import { isSafelistedResponseHeader } from '../../cors/header-name.js'
import type { OriginIndex } from '../../cors/origin-index.js'
import { OriginSet } from '../../cors/origin-set.js'
import type { Rule } from '../../cors/rule.js'
import type {
  ResolvedOriginSet,
  ResolvedPolicy,
  ResolvedRoute,
  ResolvedRule,
} from '../resolved/resolved-policy.js'
import { revisionOf } from '../resolved/revision.js'
import { compileRouteTable } from '../routes/route-table.js'
import type { CompiledPolicy, CompiledRoute } from './compiled-policy.js'

/** Turns a resolved policy into tables. It cannot fail: whatever could be wrong was refused before. */
export function compilePolicy(resolved: ResolvedPolicy): CompiledPolicy {
  const sets = new OriginSets()
  const routes = resolved.routes.map(route => compileRoute(route, sets))
  return assemblePolicy(resolved, routes, sets, revisionOf(resolved))
}

/** Makes the policy of its compiled parts. */
export function assemblePolicy(
  resolved: ResolvedPolicy,
  routes: readonly CompiledRoute[],
  sets: OriginSets,
  revision: string,
): CompiledPolicy {
  return {
    revision,
    routes,
    table: compileRouteTable(routes),
    publicOrigins: new Set(resolved.publicOrigins),
    originSets: sets.all(),
    resolved,
  }
}

export function compileRoute(route: ResolvedRoute, sets: OriginSets): CompiledRoute {
  const rules = route.cors.map((rule, index) => compileRule(rule, index, sets))
  return {
    ...route,
    corsPolicy: {
      rules,
      publicOnly: rules.length === 1 && rules[0]?.anyOrigin === true,
      onDenied: route.onDenied,
      enforced: route.mode === 'enforce',
      websocket: route.websocket,
      isolate: route.fetchMetadata === 'isolate',
    },
  }
}

function compileRule(rule: ResolvedRule, index: number, sets: OriginSets): Rule {
  const exposed = rule.exposeAny
    ? ['*']
    : rule.exposeHeaders.filter(name => !isSafelistedResponseHeader(name))
  return {
    index,
    origins: rule.origins.map(set => sets.compile(set)),
    anyOrigin: rule.anyOrigin,
    methods: rule.anyMethod ? undefined : new Set(rule.allowMethods),
    headers: new Set(rule.allowHeaders),
    anyHeader: rule.anyHeader,
    credentials: rule.allowCredentials,
    privateNetwork: rule.allowPrivateNetwork,
    timing: rule.allowTiming,
    methodList: rule.anyMethod ? undefined : rule.allowMethods.join(', '),
    headerList: list(rule.allowHeaders),
    exposeList: list(exposed),
    maxAge: rule.maxAge === undefined ? undefined : String(rule.maxAge),
  }
}

function list(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(', ')
}

/** Compiles each set once, however many rules name it: a thousand routes may share a list of a hundred thousand. */
export class OriginSets {
  readonly #compiled = new Map<ResolvedOriginSet, OriginSet>()
  readonly #built = new Map<ResolvedOriginSet, OriginIndex>()

  compile(set: ResolvedOriginSet): OriginSet {
    const present = this.#compiled.get(set)
    if (present !== undefined) return present
    const compiled = new OriginSet(set.entries, this.#built.get(set))
    this.#compiled.set(set, compiled)
    return compiled
  }

  /** Brings the tables over a set, where another thread has built them. */
  offer(set: ResolvedOriginSet, index: OriginIndex): void {
    this.#built.set(set, index)
  }

  all(): readonly OriginSet[] {
    return [...this.#compiled.values()]
  }
}
