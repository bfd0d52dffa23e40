import type { CorsRequest } from '../../src/cors/classify.js'
import type { Decision } from '../../src/cors/decision.js'
import type { OriginEntry } from '../../src/cors/origins/origin-list.js'
import { parseOriginPattern } from '../../src/cors/origins/origin-pattern.js'
import { OriginSet } from '../../src/cors/origins/origin-set.js'
import type { CorsPolicy, Rule } from '../../src/cors/rule.js'
import { packOrigins } from '../helpers/pack-origins.js'

/** The day on which every test that does not care decides. */
export const TODAY = Date.parse('2027-01-01T00:00:00Z')

/** A rule in the words of a policy file; what is absent is off. */
export interface RuleText {
  /** `https://a.example`, or `https://a.example until 2027-01-31`. */
  readonly allowOrigins: readonly string[]
  readonly allowMethods: readonly string[]
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly allowCredentials?: boolean
  readonly maxAge?: number
  readonly allowPrivateNetwork?: boolean
  readonly allowTiming?: boolean
}

export type RouteText = Partial<Pick<CorsPolicy, 'onDenied' | 'websocket'>> & {
  readonly mode?: 'enforce' | 'report'
}

/** A route's policy. */
export function route(rules: readonly RuleText[], options: RouteText = {}): CorsPolicy {
  const compiled = rules.map(compile)
  return {
    rules: compiled,
    publicOnly: compiled.length === 1 && compiled[0]?.anyOrigin === true,
    onDenied: options.onDenied ?? 'block',
    enforced: options.mode !== 'report',
    websocket: options.websocket ?? false,
  }
}

/** An allowlist from its texts. */
export function originSet(texts: readonly string[]): OriginSet {
  return new OriginSet(packOrigins(texts.map(entry)))
}

export function entry(text: string): OriginEntry {
  const [origin = '', until] = text.split(' until ')
  const result = parseOriginPattern(origin)
  if ('error' in result) throw new Error(`${origin}: ${result.error.message}`)
  return {
    text: origin,
    pattern: result.pattern,
    expiresAt: until === undefined ? undefined : Date.parse(until),
  }
}

export function request(facts: Partial<CorsRequest>): CorsRequest {
  return {
    method: 'GET',
    origin: undefined,
    requestMethod: undefined,
    requestHeaders: undefined,
    requestPrivateNetwork: undefined,
    secFetchSite: undefined,
    websocket: false,
    ownOrigin: false,
    ...facts,
  }
}

/** An actual request: `sends('PUT', from)`. */
export function sends(
  method: string,
  origin: string | undefined,
  facts: Partial<CorsRequest> = {},
): CorsRequest {
  return request({ method, origin, ...facts })
}

/** A CORS-preflight request: `asks('PUT', from, 'x-a, x-b')`. */
export function asks(
  requestMethod: string,
  origin: string | undefined,
  requestHeaders?: string,
  facts: Partial<CorsRequest> = {},
): CorsRequest {
  return request({ method: 'OPTIONS', origin, requestMethod, requestHeaders, ...facts })
}

/** A decision as one line and its headers, complete, so that a table shows what is not there too. */
export function tell(decision: Decision): readonly string[] {
  const { outcome, kind, reason, rule, action, status, enforced, headers, vary } = decision
  const by = rule === undefined ? '' : ` by rule ${rule.index}`
  const done = action === 'forward' && status === 0 ? 'forward' : `${action} ${status}`
  const lines = [`${outcome} ${kind}: ${reason}${by}, ${done}${enforced ? '' : ', not enforced'}`]
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  if (vary.length > 0) lines.push(`Vary: ${vary.join(', ')}`)
  return lines
}

function compile(text: RuleText, index: number): Rule {
  const { allowMethods: methods, allowHeaders = [], exposeHeaders = [] } = text
  const headers = allowHeaders.filter(name => name !== '*')
  const anyOrigin = text.allowOrigins.includes('*')
  return {
    index,
    origins: anyOrigin ? [] : [originSet(text.allowOrigins)],
    anyOrigin,
    methods: methods.includes('*') ? undefined : new Set(methods),
    headers: new Set(headers),
    anyHeader: allowHeaders.includes('*'),
    credentials: text.allowCredentials ?? false,
    privateNetwork: text.allowPrivateNetwork ?? false,
    timing: text.allowTiming ?? false,
    methodList: methods.includes('*') ? undefined : methods.join(', '),
    headerList: headers.join(', ') || undefined,
    exposeList: exposeHeaders.join(', ') || undefined,
    maxAge: text.maxAge === undefined ? undefined : String(text.maxAge),
  }
}
