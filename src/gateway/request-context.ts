import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { classify } from '../cors/classify.js'
import { decision } from '../cors/decision.js'
import type { Reason } from '../cors/reason.js'
import { auditEvent } from '../observe/audit-event.js'
import type { CompiledPolicy } from '../policy/compiled-policy.js'
import { type Evaluation, evaluate, nearMissOf, type PolicyRequest } from '../policy/evaluate.js'
import type { Settings } from '../settings.js'
import type { Generation, LivePolicy } from './live-policy.js'
import { type Peer, peerOf } from './peer.js'
import type { Recorder } from './recorder.js'
import { requestFault } from './request-fault.js'
import { traceOf } from './trace-context.js'

/** What a request is decided with. */
export interface DecidingParts {
  readonly live: LivePolicy
  readonly recorder: Recorder
  readonly settings: Pick<Settings, 'maxHeaders' | 'trustedProxies'>
}

/** One request, decided: everything that answering, forwarding and recording it read. */
export interface RequestContext {
  readonly raw: IncomingMessage
  readonly generation: Generation
  readonly facts: PolicyRequest
  readonly evaluation: Evaluation
  readonly peer: Peer
  readonly requestId: string
  /** The `traceparent` to send upstream; undefined where the client sent one that is passed on. */
  readonly newTrace: string | undefined
  /** Writes the audit record, once, before the response's headers; `status` is what the client gets. */
  record(status: number): void
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
  const generation = parts.live.current
  const now = Date.now()
  const peer = peerOf(raw, parts.settings.trustedProxies)
  const asked = { raw, target, upgrade, scheme: peer.scheme, maxHeaders: parts.settings.maxHeaders }
  const { facts, evaluation } = evaluateRequest(generation.policy, asked, now)
  const requestId = requestIdOf(raw.headers)
  const trace = traceOf(raw)

  let recorded = false
  const record = (status: number): void => {
    if (recorded) return
    recorded = true
    const { decision, route } = evaluation
    parts.recorder.decision(
      auditEvent({
        outcome: decision.outcome,
        enforced: decision.enforced,
        kind: decision.kind,
        reason: decision.reason,
        nearMiss: nearMissOf(generation.policy, evaluation, facts.origin, now),
        origin: facts.origin,
        method: facts.method,
        host: facts.host,
        path: evaluation.target?.path ?? recordablePath(target),
        route: route?.id,
        rule: decision.rule?.index,
        status,
        client: peer.client,
        requestId,
        traceId: trace.id,
        policyRevision: generation.policy.revision,
        ...(decision.kind === 'preflight' && {
          requestedMethod: facts.requestMethod,
          requestedHeaders: facts.requestHeaders,
        }),
      }),
    )
  }
  return { raw, generation, facts, evaluation, peer, requestId, newTrace: trace.made, record }
}

/** A request as it came, and what is known of it besides. */
export interface AskedRequest {
  readonly raw: IncomingMessage
  /** As received. */
  readonly target: string
  readonly upgrade: 'websocket' | 'other' | undefined
  readonly scheme: 'http' | 'https'
  readonly maxHeaders: number
}

/**
 * Reads a request's facts and asks the policy, unless the request is one that no policy should see. The data plane,
 * `explain` and `test` all come through here.
 *
 * @param now Unix milliseconds
 */
export function evaluateRequest(
  policy: CompiledPolicy,
  asked: AskedRequest,
  now: number,
): { readonly facts: PolicyRequest; readonly evaluation: Evaluation } {
  const facts = policyRequest(asked)
  const fault = asked.upgrade === 'other' ? 'upgrade-not-served' : requestFault(asked.raw, asked.maxHeaders)
  return { facts, evaluation: fault === undefined ? evaluate(policy, facts, now) : faulty(facts, fault) }
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

const REQUEST_ID = /^[\w.~:+/=-]{1,128}$/
