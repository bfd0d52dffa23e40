import { isSafelistedResponseHeader } from '../../cors/header-name.js'
import type { OriginIndex } from '../../cors/origins/origin-index.js'
import { OriginSet } from '../../cors/origins/origin-set.js'
import type { CorsPolicy, Rule } from '../../cors/rule.js'
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
  const parts = new SharedParts()
  const routes = resolved.routes.map(route => compileRoute(route, parts))
  return assemblePolicy(resolved, routes, parts, revisionOf(resolved))
}

/** Makes the policy of its compiled parts. */
export function assemblePolicy(
  resolved: ResolvedPolicy,
  routes: readonly CompiledRoute[],
  parts: SharedParts,
  revision: string,
): CompiledPolicy {
  return {
    revision,
    routes,
    table: compileRouteTable(routes),
    publicOrigins: new Set(resolved.publicOrigins),
    originSets: parts.originSets(),
    resolved,
  }
}

export function compileRoute(route: ResolvedRoute, parts: SharedParts): CompiledRoute {
  return { ...route, corsPolicy: parts.corsPolicy(route) }
}

function compileCors(route: ResolvedRoute, parts: SharedParts): CorsPolicy {
  const rules = route.cors.map((rule, index) => compileRule(rule, index, parts))
  return {
    rules,
    publicOnly: rules.length === 1 && rules[0]?.anyOrigin === true,
    onDenied: route.onDenied,
    enforced: route.mode === 'enforce',
    websocket: route.websocket,
    isolate: route.fetchMetadata === 'isolate',
  }
}

function compileRule(rule: ResolvedRule, index: number, parts: SharedParts): Rule {
  const exposed = rule.exposeAny
    ? ['*']
    : rule.exposeHeaders.filter(name => !isSafelistedResponseHeader(name))
  return {
    index,
    origins: rule.origins.map(set => parts.originSet(set)),
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

/**
 * Compiles what routes have in common once: a thousand of them may share a list of a hundred thousand origins, and most
 * have the same rules. Requests to all of them then meet the same few objects, which a processor's cache holds.
 */
export class SharedParts {
  readonly #compiled = new Map<ResolvedOriginSet, OriginSet>()
  readonly #numbers = new Map<ResolvedOriginSet, number>()
  readonly #built = new Map<ResolvedOriginSet, OriginIndex>()
  readonly #policies = new Map<string, CorsPolicy>()

  originSet(set: ResolvedOriginSet): OriginSet {
    const present = this.#compiled.get(set)
    if (present !== undefined) return present
    const compiled = new OriginSet(set.entries, this.#built.get(set))
    this.#compiled.set(set, compiled)
    return compiled
  }

  corsPolicy(route: ResolvedRoute): CorsPolicy {
    const key = this.#keyOf(route)
    const present = this.#policies.get(key)
    if (present !== undefined) return present
    const compiled = compileCors(route, this)
    this.#policies.set(key, compiled)
    return compiled
  }

  // All that `compileCors` reads, and nothing of where it is written.
  #keyOf({ cors, onDenied, mode, websocket, fetchMetadata }: ResolvedRoute): string {
    const rules = cors.map(({ position: _, fields: __, dangerous: ___, origins, ...rule }) => ({
      ...rule,
      origins: origins.map(set => this.#numberOf(set)),
    }))
    return JSON.stringify([rules, onDenied, mode, websocket, fetchMetadata])
  }

  #numberOf(set: ResolvedOriginSet): number {
    const number = this.#numbers.get(set) ?? this.#numbers.size
    this.#numbers.set(set, number)
    return number
  }

  /** Brings the tables over a set, where another thread has built them. */
  offer(set: ResolvedOriginSet, index: OriginIndex): void {
    this.#built.set(set, index)
  }

  originSets(): readonly OriginSet[] {
    return [...this.#compiled.values()]
  }
}
