import type { NativeRecord } from './native-record.js'

/**
 * A record in the Open Cybersecurity Schema Framework 1.6: requests are HTTP Activity (4002) with the
 * security_control profile, changes of the policy Application Lifecycle (6002). What OCSF has no field for is in
 * `unmapped`, named as in the native record.
 */
export function ocsfRecord(record: NativeRecord): Record<string, unknown> {
  const shared = {
    metadata: {
      version: '1.6.0',
      product: { name: 'crossgate', vendor_name: 'Crossgate' },
      profiles: ['security_control'],
      log_name: 'audit',
      event_code: record.event,
      sequence: record['seq'],
      uid: `${record['boot']}-${record['seq']}`,
      ...(record['requestId'] !== undefined && { correlation_uid: record['requestId'] }),
    },
    ...(record['policyRevision'] !== undefined && {
      policy: { name: 'crossgate', uid: record['policyRevision'], version: record['policyRevision'] },
    }),
    ...counts(record),
    unmapped: { crossgate: rest(record) },
  }
  if (record.event.startsWith('cors.')) return { ...httpActivity(record), ...shared }
  if (record.event === 'upstream.cors_stripped') return { ...strippedActivity(record), ...shared }
  return { ...lifecycle(record), ...shared }
}

/** pino's `level` formatter. */
export function ocsfSeverity(label: string): object {
  return SEVERITIES[label] ?? { severity_id: 1, severity: 'Informational' }
}

function httpActivity(record: NativeRecord): Record<string, unknown> {
  const { method, origin, route, rule, reason, traceId } = record
  const activity = ACTIVITIES[String(method)] ?? 99
  return {
    category_uid: 4,
    class_uid: 4002,
    activity_id: activity,
    type_uid: 400200 + activity,
    ...VERDICTS[verdictOf(record)],
    status_id: 1,
    status: 'Success',
    status_detail: reason,
    http_request: {
      uid: record['requestId'],
      http_method: method,
      url: { hostname: String(record['host']).replace(/:\d+$/, ''), path: record['path'] },
      http_headers: origin === undefined ? [] : [{ name: 'Origin', value: origin }],
    },
    http_response: { code: record['status'] },
    src_endpoint: { ip: record['client'] },
    dst_endpoint: { hostname: String(record['host']).replace(/:\d+$/, '') },
    ...(route !== undefined && {
      firewall_rule: { uid: rule === undefined ? route : `${route}/${rule}`, name: route },
    }),
    ...(traceId !== undefined && { trace: { uid: traceId } }),
  }
}

function strippedActivity(record: NativeRecord): Record<string, unknown> {
  const seen = record['enforced'] === false
  return {
    category_uid: 4,
    class_uid: 4002,
    activity_id: 99,
    activity_name: seen ? 'Upstream CORS headers seen' : 'Upstream CORS headers removed',
    type_uid: 400299,
    ...(seen ? VERDICTS.observed : VERDICTS.modified),
    status_id: 1,
    dst_endpoint: { name: record['upstream'] },
  }
}

function lifecycle(record: NativeRecord): Record<string, unknown> {
  const failed = record.event === 'policy.rejected' || record.event === 'audit.dropped'
  return {
    category_uid: 6,
    class_uid: 6002,
    activity_id: record.event.startsWith('policy.') ? 8 : 99,
    type_uid: record.event.startsWith('policy.') ? 600208 : 600299,
    app: { name: 'crossgate', vendor_name: 'Crossgate' },
    status_id: failed ? 2 : 1,
    status: failed ? 'Failure' : 'Success',
    ...(record['error'] !== undefined && { status_detail: record['error'] }),
  }
}

function verdictOf(record: NativeRecord): 'allowed' | 'denied' | 'observed' {
  if (record.event === 'cors.allowed') return 'allowed'
  return record['enforced'] === false ? 'observed' : 'denied'
}

function counts(record: NativeRecord): object {
  const { count, firstSeen, lastSeen } = record
  if (count === undefined) return {}
  return { count, start_time: Date.parse(String(firstSeen)), end_time: Date.parse(String(lastSeen)) }
}

function rest(record: NativeRecord): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !ELSEWHERE.has(name)))
}

const VERDICTS = {
  allowed: { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' },
  denied: { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' },
  observed: { action_id: 3, action: 'Observed', disposition_id: 17, disposition: 'Logged' },
  modified: { action_id: 4, action: 'Modified', disposition_id: 11, disposition: 'Corrected' },
} as const

/** `activity_id` of HTTP Activity. */
const ACTIVITIES: Readonly<Record<string, number>> = {
  CONNECT: 1,
  DELETE: 2,
  GET: 3,
  HEAD: 4,
  OPTIONS: 5,
  POST: 6,
  PUT: 7,
  TRACE: 8,
  PATCH: 9,
}

const SEVERITIES: Readonly<Record<string, object>> = {
  warn: { severity_id: 2, severity: 'Low' },
  error: { severity_id: 4, severity: 'High' },
}

const ELSEWHERE: ReadonlySet<string> = new Set([
  'seq',
  'boot',
  'firstSeen',
  'lastSeen',
  'count',
  'reason',
  'requestId',
  'traceId',
  'client',
  'method',
  'origin',
  'path',
  'status',
  'policyRevision',
])
