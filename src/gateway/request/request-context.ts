import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { classify } from '../../cors/classify.js'
import { decision } from '../../cors/decision.js'
import type { Reason } from '../../cors/reason.js'
import { detached } from '../../http/detached.js'
import type { DecisionFacts } from '../../observe/events/audit-event.js'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import { type Evaluation, evaluate, type PolicyRequest } from '../../policy/evaluate.js'
import type { Settings } from '../../settings.js'
import { type Peer, peerOf } from '../listener/peer.js'
import type { Generation, LivePolicy } from '../loading/live-policy.js'
import { hintOf } from './hint.js'
import type { CountedFacts, Recorder } from './recorder.js'
import { requestFault } from './request-fault.js'
import { type Trace, traceOf } from './trace-context.js'

/** What a request is decided with. */
export interface DecidingParts {
  readonly live: LivePolicy
  readonly recorder: Recorder
  readonly settings: Pick<Settings, 'maxHeaders' | 'trustedProxies'>
}

/**
 * Decides a request: the one place where a request meets the policy.
 *
 * @param target the request target as received
 */
export function openRequest(
  parts: DecidingParts,
  raw: IncomingMessage,
  target: string,
  upgrade: 'websocket' | 'other' | undefined,
): RequestContext {
  return new RequestContext(parts, raw, target, upgrade)
}

/** One request, decided: everything that answering, forwarding and recording it read. */
export class RequestContext {
  readonly raw: IncomingMessage
  readonly generation: Generation
  readonly facts: PolicyRequest
  readonly evaluation: Evaluation
  readonly peer: Peer
  readonly #recorder: Recorder
  readonly #now = Date.now()
  #recorded = false
  #requestId: string | undefined
  #trace: Trace | undefined

  constructor(
    { live, recorder, settings }: DecidingParts,
    raw: IncomingMessage,
    target: string,
    upgrade: 'websocket' | 'other' | undefined,
  ) {
    this.raw = raw
    this.generation = live.current
    this.peer = peerOf(raw, settings.trustedProxies)
    const { scheme } = this.peer
    const { maxHeaders } = settings
    const asked = { raw, target, upgrade, scheme, maxHeaders, unrecordable: recorder.blocked }
    const { facts, evaluation } = evaluateRequest(this.generation.policy, asked, this.#now)
    this.facts = facts
    this.evaluation = evaluation
    this.#recorder = recorder
  }

  // These two are made when asked for: an allowed preflight needs neither.
  get requestId(): string {
    this.#requestId ??= requestIdOf(this.raw.headers)
    return this.#requestId
  }

  get trace(): Trace {
    this.#trace ??= traceOf(this.raw)
    return this.#trace
  }

  /** Writes the audit record, once, before the response's headers; `status` is what the client gets. */
  record(status: number): void {
    if (this.#recorded) return
    this.#recorded = true
    const { kind, outcome, enforced, reason } = this.evaluation.decision
    const route = this.evaluation.route?.id
    const counted = { route, kind, outcome, enforced, reason }
    this.#recorder.decision(counted, () => this.#factsOf(counted, status))
  }

  #factsOf(counted: CountedFacts, status: number): DecisionFacts {
    const { evaluation, facts, generation, peer, trace } = this
    const preflight = counted.kind === 'preflight'
    const path = evaluation.target?.path ?? recordablePath(facts.target)
    // Named one by one: a spread costs several times what the rest of the object does. Detached are pieces of what came,
    // which is as long as a client likes; a record must not keep it.
    return {
      route: counted.route,
      kind: counted.kind,
      outcome: counted.outcome,
      enforced: counted.enforced,
      reason: counted.reason,
      hint: hintOf(generation.policy, evaluation, facts.origin),
      origin: facts.origin,
      method: facts.method,
      host: facts.host,
      path: detached(path),
      rule: evaluation.decision.rule?.index,
      status,
      client: peer.trusted ? detached(peer.client) : peer.client,
      requestId: this.requestId,
      traceId: trace.made === undefined ? detached(trace.id) : trace.id,
      policyRevision: generation.policy.revision,
      requestedMethod: preflight ? facts.requestMethod : undefined,
      requestedHeaders: preflight ? facts.requestHeaders : undefined,
    }
  }
}

/** A request as it came, and what is known of it besides. */
export interface AskedRequest {
  readonly raw: IncomingMessage
  /** As received. */
  readonly target: string
  readonly upgrade: 'websocket' | 'other' | undefined
  readonly scheme: 'http' | 'https'
  readonly maxHeaders: number
  /** True where it is to be refused because it could not be recorded. */
  readonly unrecordable?: boolean
}

/**
 * Reads a request's facts and asks the policy, unless the request is one that no policy should see. The data plane,
 * `explain`, `test` and the console all come through here.
 *
 * @param now Unix milliseconds
 */
export function evaluateRequest(
  policy: CompiledPolicy,
  asked: AskedRequest,
  now: number,
): { readonly facts: PolicyRequest; readonly evaluation: Evaluation } {
  const facts = policyRequest(asked)
  const fault = faultOf(asked)
  if (fault !== undefined && !READABLE.has(fault)) return { facts, evaluation: faulty(facts, fault) }
  const evaluation = evaluate(policy, facts, now)
  if (fault === undefined) return { facts, evaluation }
  const { kind, rule, headers, vary } = evaluation.decision
  return { facts, evaluation: { ...evaluation, decision: decision(kind, fault, { rule, headers, vary }) } }
}

function faultOf({ raw, upgrade, maxHeaders, unrecordable }: AskedRequest): Reason | undefined {
  if (upgrade === 'other') return 'upgrade-not-served'
  return requestFault(raw, maxHeaders) ?? (unrecordable ? 'audit-unavailable' : undefined)
}

function policyRequest({ raw, target, scheme, upgrade }: AskedRequest): PolicyRequest {
  const { headers } = raw
  return {
    target,
    host: headers.host ?? '',
    scheme,
    method: raw.method ?? '',
    origin: headers.origin,
    requestMethod: headers['access-control-request-method'],
    requestHeaders: headers['access-control-request-headers'],
    requestPrivateNetwork: single(headers['access-control-request-private-network']),
    secFetchSite: single(headers['sec-fetch-site']),
    secFetchMode: single(headers['sec-fetch-mode']),
    secFetchDest: single(headers['sec-fetch-dest']),
    websocket: upgrade === 'websocket',
  }
}

function faulty(facts: PolicyRequest, reason: Reason): Evaluation {
  const kind = classify({ ...facts, ownOrigin: false })
  return { decision: decision(kind, reason), target: undefined, fault: undefined, route: undefined }
}

// Passed on where it is harmless to a log, made where it is missing or is not.
function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

// What could not be parsed is recorded as it came, less what may hold secrets: query, fragment, and the user info of an
// absolute form.
function recordablePath(target: string): string {
  return target.replace(/[?#].*$/s, '').replace(/^[^/]*:\/\/[^/]*/, '')
}

/** Of these the head has one reading, so a page that is allowed on the route gets to read why it is refused. */
const READABLE: ReadonlySet<Reason> = new Set(['too-many-headers', 'audit-unavailable'])
const REQUEST_ID = /^[\w.~:+/=-]{1,128}$/
