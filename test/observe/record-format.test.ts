import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { REASONS } from '../../src/cors/reason.js'
import { auditEvent } from '../../src/observe/events/audit-event.js'
import { RECORD_FORMATS, type RecordFormat } from '../../src/observe/formats/record-format.js'
import { createAuditLog } from '../../src/observe/log/audit-log.js'
import { AUDIT_SCHEMA_FILE, assertAuditRecord } from '../helpers/audit-schema.js'

const REVISION = 'ab'.repeat(32)
const SAID_IN_REPORT_MODE = [
  'access-control-allow-credentials',
  'access-control-allow-origin',
  'access-control-expose-headers',
]

/** One record of each event, in a format; time and process are replaced by fixed ones. */
function records(format: RecordFormat): Record<string, unknown>[] {
  const lines: string[] = []
  const log = createAuditLog({
    destination: { write: line => lines.push(line) },
    format,
    allowed: 1,
    window: 60_000,
    keys: 10,
  })
  const facts = {
    outcome: 'denied' as const,
    enforced: true,
    kind: 'preflight' as const,
    reason: 'origin-not-allowed',
    hint: 'other-scheme https://www.shop.example',
    origin: 'http://www.shop.example',
    method: 'OPTIONS',
    host: 'api.shop.example:8443',
    path: '/orders/7',
    route: 'orders',
    rule: undefined,
    status: 403,
    client: '192.0.2.7',
    requestId: 'request-1',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    policyRevision: REVISION,
    requestedMethod: 'POST',
    requestedHeaders: 'content-type',
  }
  log.policyLoaded({ policyRevision: REVISION, routes: 2, path: 'policy.yaml', trigger: 'start' })
  for (let index = 0; index < 3; index++) log.decision(auditEvent(facts))
  log.decision(auditEvent({ ...facts, enforced: false, kind: 'actual', method: 'PUT', rule: 1, status: 200 }))
  const allowed = { ...facts, outcome: 'allowed' as const, kind: 'actual' as const, method: 'POST' }
  log.decision(auditEvent({ ...allowed, hint: undefined, reason: 'origin-allowed', rule: 0, status: 201 }))
  log.corsStripped({
    kind: { upstream: 'orders', route: 'orders', headers: ['access-control-allow-origin'], key: 'orders' },
    enforced: true,
    allowOrigin: '*',
    allowCredentials: undefined,
    exposeHeaders: undefined,
    requestId: 'request-2',
    policyRevision: REVISION,
  })
  log.corsStripped({
    kind: { upstream: 'orders', route: 'basket', headers: SAID_IN_REPORT_MODE, key: 'basket' },
    enforced: false,
    allowOrigin: 'https://www.shop.example',
    allowCredentials: true,
    exposeHeaders: 'X-Total-Count',
    requestId: 'request-3',
    policyRevision: REVISION,
  })
  const error = 'the policy has 1 error'
  const problems = ['policy.yaml:3:5: unknown-key there is no key "orgins"']
  log.policyRejected({ policyRevision: REVISION, path: 'policy.yaml', trigger: 'watch', error, problems })
  log.dropped(12)
  log.close()
  return lines.map(line => JSON.parse(line, fixed))
}

function fixed(key: string, value: unknown): unknown {
  if (['time', '@timestamp', 'firstSeen', 'lastSeen', 'start', 'end'].includes(key)) {
    return typeof value === 'number' ? 1_795_000_000_000 : '2026-11-22T07:00:00.000Z'
  }
  if (key === 'start_time' || key === 'end_time') return 1_795_000_000_000
  if (key === 'boot' || key === 'ephemeral_id') return '0123456789ab'
  return typeof value === 'string' ? value.replace(/^[0-9a-f]{12}-(\d+)$/, '0123456789ab-$1') : value
}

for (const format of Object.keys(RECORD_FORMATS) as RecordFormat[]) {
  t.test(`${format} is as in its golden file`, async t => {
    const golden = resolve(import.meta.dirname, `golden/${format}.jsonl`)
    const text = records(format)
      .map(record => `${JSON.stringify(record)}\n`)
      .join('')
    if (!existsSync(golden) || process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text)
    t.equal(text, readFileSync(golden, 'utf8'))
  })
}

t.test('every native record fits the schema, and what is not one does not', async t => {
  const all = records('native')
  t.equal(new Set(all.map(({ event }) => event)).size, 7, 'one of each event')
  for (const record of all) t.doesNotThrow(() => assertAuditRecord(record))
  const denied = all.find(({ event }) => event === 'cors.denied')!
  t.throws(() => assertAuditRecord({ ...denied, cookie: 'a=b' }), /not an audit record/)
  t.throws(() => assertAuditRecord({ ...denied, origin: 'https://\u2028evil' }), /not an audit record/)
  t.throws(() => assertAuditRecord({ ...denied, seq: undefined }), /not an audit record/)
})

t.test('the schema knows every reason', async t => {
  const schema = JSON.parse(readFileSync(AUDIT_SCHEMA_FILE, 'utf8'))
  t.same(schema.oneOf[0].properties.reason.enum, Object.keys(REASONS))
})

t.test('a blocked request is a success of the event "denied" in ECS, and "Blocked" in OCSF', async t => {
  const ecs = records('ecs').find(({ crossgate }) => (crossgate as { outcome?: string }).outcome === 'denied')
  t.match(ecs, { event: { outcome: 'success', type: ['denied'], reason: 'origin-not-allowed' } })
  const ocsf = records('ocsf').find(({ class_uid }) => class_uid === 4002)
  t.match(ocsf, {
    type_uid: 400205,
    action_id: 2,
    disposition: 'Blocked',
    metadata: { profiles: ['security_control'] },
  })
})

t.test('denials are never sampled; of the allowed, one in N stands for N', async t => {
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) }
  const log = createAuditLog({ destination, format: 'native', allowed: 10, window: 0, keys: 10 })
  const event = JSON.parse(JSON.stringify(records('native').find(({ event }) => event === 'cors.allowed')))
  for (let index = 0; index < 100; index++) if (log.keepsNextAllowed()) log.decision(event)
  t.equal(lines.length, 10)
  t.match(JSON.parse(lines[0]!), { sampled: 10 })
})
