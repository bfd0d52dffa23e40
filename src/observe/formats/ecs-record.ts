import type { NativeRecord } from './native-record.js'

/**
 * A record in the Elastic Common Schema. A request that was blocked is a success of the event "deny": `event.outcome`
 * says whether the gateway did what it meant to, `event.type` what that was. What ECS has no field for is under
 * `crossgate`, named as in the native record.
 */
export function ecsRecord(record: NativeRecord): Record<string, unknown> {
  const { event, seq, boot, firstSeen, lastSeen, reason, requestId, traceId, client, route, rule } = record
  const { category, type, outcome } = KINDS[event] ?? OTHER
  return {
    ecs: { version: '8.11.0' },
    event: defined({
      kind: 'event',
      module: 'crossgate',
      dataset: 'crossgate.audit',
      action: event,
      category,
      type: event === 'cors.denied' && record['enforced'] === false ? ['allowed'] : type,
      outcome,
      reason,
      sequence: seq,
      id: `${boot}-${seq}`,
      start: firstSeen,
      end: lastSeen,
    }),
    message: messageOf(record),
    observer: { vendor: 'Crossgate', product: 'crossgate', type: 'proxy', ephemeral_id: boot },
    ...(requestId !== undefined && { http: httpOf(record), url: urlOf(record) }),
    ...(client !== undefined && { client: { ip: client }, source: { ip: client } }),
    ...(traceId !== undefined && { trace: { id: traceId } }),
    rule: defined({
      id: route === undefined ? undefined : rule === undefined ? route : `${route}/${rule}`,
      name: route,
      ruleset: 'crossgate',
      version: record['policyRevision'],
    }),
    crossgate: rest(record),
  }
}

function httpOf(record: NativeRecord): object {
  return {
    request: defined({ id: record['requestId'], method: record['method'] }),
    ...(record['status'] !== undefined && { response: { status_code: record['status'] } }),
  }
}

function urlOf(record: NativeRecord): object {
  const [, domain, port] = /^(.*?)(?::(\d+))?$/.exec(String(record['host'] ?? '')) ?? []
  return defined({ domain, port: port === undefined ? undefined : Number(port), path: record['path'] })
}

function messageOf(record: NativeRecord): string {
  const { event, reason, origin, method, path, route, count } = record
  if (!event.startsWith('cors.')) return event
  const times = count === undefined ? '' : ` (${count} times)`
  const from = origin === undefined ? 'a request without Origin' : origin
  return `${event}: ${from} ${method} ${path}${route === undefined ? '' : ` on route ${route}`}: ${reason}${times}`
}

function rest(record: NativeRecord): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !ELSEWHERE.has(name)))
}

function defined(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

interface EcsKind {
  readonly category: readonly string[]
  readonly type: readonly string[]
  readonly outcome: 'success' | 'failure'
}

const OTHER: EcsKind = { category: ['process'], type: ['info'], outcome: 'success' }
const KINDS: Readonly<Record<string, EcsKind>> = {
  'cors.denied': { category: ['network'], type: ['denied'], outcome: 'success' },
  'cors.allowed': { category: ['network'], type: ['allowed'], outcome: 'success' },
  'upstream.cors_stripped': { category: ['network'], type: ['info'], outcome: 'success' },
  'policy.loaded': { category: ['configuration'], type: ['change'], outcome: 'success' },
  'policy.rejected': { category: ['configuration'], type: ['change'], outcome: 'failure' },
  'audit.dropped': { category: ['process'], type: ['error'], outcome: 'failure' },
}

const ELSEWHERE: ReadonlySet<string> = new Set([
  'event',
  'seq',
  'boot',
  'firstSeen',
  'lastSeen',
  'reason',
  'requestId',
  'traceId',
  'client',
  'method',
  'host',
  'path',
  'status',
  'policyRevision',
])
