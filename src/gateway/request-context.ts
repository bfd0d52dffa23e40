import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { classify } from '../cors/classify.js'
import { decision } from '../cors/decision.js'
import type { Reason } from '../cors/reason.js'
import { auditEvent } from '../observe/audit-event.js'
import type { AuditLog } from '../observe/audit-log.js'
import { type Evaluation, evaluate, nearMissOf, type PolicyRequest } from '../policy/evaluate.js'
import type { Settings } from '../settings.js'
import type { Generation, LivePolicy } from './live-policy.js'
import { type Peer, peerOf } from './peer.js'
import { requestFault } from './request-fault.js'

/** What a request is decided with. */
export interface DecidingParts {
  readonly live: LivePolicy
  readonly audit: AuditLog
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
  const facts = policyRequest(raw, target, peer, upgrade === 'websocket')
  const fault = upgrade === 'other' ? 'upgrade-not-served' : requestFault(raw, parts.settings.maxHeaders)
  const evaluation = fault === undefined ? evaluate(generation.policy, facts, now) : faulty(facts, fault)
  const requestId = requestIdOf(raw.headers)

  let recorded = false
  const record = (status: number): void => {
    if (recorded) return
    recorded = true
    const { decision, route } = evaluation
    parts.audit.decision(
      auditEvent({
        outcome: decision.outcome,
        enforced: decision.enforced,
        kind: decision.kind,
        reason: decision.reason,
        nearMiss: nearMissOf(generation.policy, evaluation, facts.origin, now),
        origin: facts.origin,
        method: facts.method,
        host: facts.host,
        path: evaluation.target?.path ?? target.replace(/\?.*$/s, ''),
        route: route?.id,
        rule: decision.rule?.index,
        status,
        client: peer.client,
        requestId,
        traceId: traceIdOf(raw.headers),
        policyRevision: generation.policy.revision,
      }),
    )
  }
  return { raw, generation, facts, evaluation, peer, requestId, record }
}

function policyRequest(raw: IncomingMessage, target: string, peer: Peer, websocket: boolean): PolicyRequest {
  const { headers } = raw
  return {
    target,
    host: headers.host ?? '',
    scheme: peer.scheme,
    method: raw.method ?? '',
    origin: headers.origin,
    requestMethod: headers['access-control-request-method'],
    requestHeaders: headers['access-control-request-headers'],
    requestPrivateNetwork: single(headers['access-control-request-private-network']),
    secFetchSite: single(headers['sec-fetch-site']),
    websocket,
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

// W3C Trace Context section 3.2.
function traceIdOf(headers: IncomingHttpHeaders): string | undefined {
  return TRACEPARENT.exec(single(headers['traceparent']) ?? '')?.[1]
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

const REQUEST_ID = /^[\w.~:+/=-]{1,128}$/
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/
