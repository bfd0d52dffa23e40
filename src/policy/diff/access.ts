import { decide } from '../../cors/decide.js'
import { findRule } from '../../cors/find-rule.js'
import { allowsHeader } from '../../cors/response-headers.js'
import type { Rule } from '../../cors/rule.js'
import type { CompiledRoute } from '../compiled/compiled-policy.js'
import { type AccessChange, ANY_OTHER_HEADER, ANY_OTHER_METHOD } from './change.js'

/** What an origin may do on a route. */
export interface Access {
  readonly methods: ReadonlySet<string>
  readonly headers: ReadonlySet<string>
  readonly exposed: ReadonlySet<string>
  readonly credentials: boolean
  readonly privateNetwork: boolean
  readonly timing: boolean
  readonly websocket: boolean
  /** Seconds for which browsers may keep a preflight's answer. */
  readonly maxAge: number
}

/** The names that two routes tell apart. */
export interface Universe {
  readonly methods: readonly string[]
  readonly headers: readonly string[]
}

export function universeOf(routes: readonly (CompiledRoute | undefined)[]): Universe {
  const rules = routes.flatMap(route => route?.cors ?? [])
  return {
    methods: [...new Set([...rules.flatMap(({ allowMethods }) => allowMethods), 'HEAD', FRESH_METHOD])],
    headers: [
      ...new Set([...rules.flatMap(({ allowHeaders }) => allowHeaders), 'authorization', FRESH_HEADER]),
    ],
  }
}

/** Asks one route what origins may do, by `decide` itself; rules are asked once each. */
export class AccessReader {
  readonly #route: CompiledRoute | undefined
  readonly #universe: Universe
  readonly #now: number
  readonly #known = new Map<Rule, Access>()

  constructor(route: CompiledRoute | undefined, universe: Universe, now: number) {
    this.#route = route
    this.#universe = universe
    this.#now = now
  }

  /** What the origin may do, and until when (Unix milliseconds; undefined: for ever, or it may do nothing). */
  read(origin: string): { readonly access: Access; readonly until: number | undefined } {
    if (this.#route === undefined) return NOTHING_AT_ALL
    const found = findRule(this.#route.corsPolicy.rules, origin, this.#now)
    if (found.rule === undefined) return NOTHING_AT_ALL
    const access = this.#known.get(found.rule) ?? this.#ask(this.#route, found.rule, origin)
    this.#known.set(found.rule, access)
    return { access, until: found.entry?.expiresAt }
  }

  #ask(route: CompiledRoute, rule: Rule, origin: string): Access {
    const methods = this.#universe.methods.filter(method => {
      const request = { ...ACTUAL, method, origin }
      return decide(route.corsPolicy, request, this.#now).outcome === 'allowed'
    })
    const headers = this.#universe.headers.filter(name => allowsHeader(rule, name))
    return {
      methods: new Set(methods.map(method => (method === FRESH_METHOD ? ANY_OTHER_METHOD : method))),
      headers: new Set(headers.map(name => (name === FRESH_HEADER ? ANY_OTHER_HEADER : name))),
      exposed: new Set(rule.exposeList?.split(', ') ?? []),
      credentials: rule.credentials,
      privateNetwork: rule.privateNetwork,
      timing: rule.timing,
      websocket: route.websocket && methods.includes('GET'),
      maxAge: rule.maxAge === undefined ? DEFAULT_MAX_AGE : Number(rule.maxAge),
    }
  }
}

/** What `a` has and `b` has not; undefined: nothing. */
export function surplus(a: Access, b: Access): AccessChange | undefined {
  const change: AccessChange = {
    methods: without(a.methods, b.methods),
    headers: without(a.headers, b.headers),
    exposed: without(a.exposed, b.exposed),
    credentials: a.credentials && !b.credentials,
    privateNetwork: a.privateNetwork && !b.privateNetwork,
    timing: a.timing && !b.timing,
    websocket: a.websocket && !b.websocket,
  }
  const { methods, headers, exposed, credentials, privateNetwork, timing, websocket } = change
  const isEmpty = methods.length + headers.length + exposed.length === 0
  return isEmpty && !credentials && !privateNetwork && !timing && !websocket ? undefined : change
}

// `*` exposes every header: naming them besides adds nothing.
function without(a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] {
  return b.has('*') ? [] : [...a].filter(name => !b.has(name))
}

const FRESH_METHOD = 'X-ANY-OTHER-METHOD'
const FRESH_HEADER = 'x-any-other-header'

/** In seconds (Fetch, "extract header list values" of Access-Control-Max-Age). */
const DEFAULT_MAX_AGE = 5

const ACTUAL = {
  requestMethod: undefined,
  requestHeaders: undefined,
  requestPrivateNetwork: undefined,
  secFetchSite: undefined,
  websocket: false,
  ownOrigin: false,
}

const NOTHING: Access = {
  methods: new Set(),
  headers: new Set(),
  exposed: new Set(),
  credentials: false,
  privateNetwork: false,
  timing: false,
  websocket: false,
  maxAge: DEFAULT_MAX_AGE,
}
const NOTHING_AT_ALL = { access: NOTHING, until: undefined }
