import type { IncomingMessage, ServerResponse } from 'node:http'
import { runCli } from '../helpers/gateway.js'
import { startUpstream } from '../helpers/upstream.js'
import { promise } from './promise.js'
import { ALLOWED, openRig, policyOf } from './rig.js'

/** How an upstream picks its Access-Control-Allow-Origin, each a mistake that is seen in the wild. */
const ORIGINS: readonly ((origin: string) => string | undefined)[] = [
  origin => origin,
  () => '*',
  () => 'null',
  origin => (origin.startsWith(ALLOWED) ? origin : undefined),
  origin => (origin.endsWith('app.example') ? origin : undefined),
  origin => (origin.includes('app.example') ? origin : undefined),
  origin => (/^https:\/\/app.example$/.test(origin) ? origin : undefined),
  origin => (origin.startsWith('http') ? origin : undefined),
  origin => (origin === 'null' ? origin : undefined),
  origin => (origin.includes('localhost') ? origin : ALLOWED),
]

/** What goes with it. */
const EXTRAS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'Access-Control-Allow-Credentials': 'true' },
  {
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': '*',
    'Access-Control-Allow-Headers': '*',
  },
  { 'Access-Control-Allow-Private-Network': 'true', 'Access-Control-Max-Age': '31536000' },
  {
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': '*',
    'Timing-Allow-Origin': '*',
  },
]

const COUNT = ORIGINS.length * EXTRAS.length

promise('X2', async (t, row) => {
  const upstream = await startUpstream(t, misconfigured)
  const { port } = await openRig(t, policyOf(upstream.url))
  const direct = await scan(`http://127.0.0.1:${upstream.port}`)
  t.equal(direct.code, 1, 'the upstreams themselves are found wanting')
  const through = await scan(`http://127.0.0.1:${port}`)
  t.equal(
    through.code,
    0,
    `nothing is found through the gateway: ${through.stdout.slice(0, 2000)}${through.stderr.slice(0, 500)}`,
  )
  row.tried(COUNT)
  row.figure(
    `${COUNT} upstreams: ${findingsIn(direct.stdout)} findings of the scanner in front of them, ${findingsIn(through.stdout)} behind the gateway (from low on: ${through.code === 0 ? 'none' : 'some'})`,
  )
})

function misconfigured(request: IncomingMessage, response: ServerResponse): void {
  const which = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0)
  const origin = ORIGINS[which % ORIGINS.length]!(request.headers.origin ?? '')
  const extras = EXTRAS[Math.floor(which / ORIGINS.length) % EXTRAS.length]!
  const allow = origin === undefined ? {} : { 'Access-Control-Allow-Origin': origin, ...extras }
  response.writeHead(200, { 'Content-Type': 'application/json', ...allow }).end('{"secret":1}')
}

function scan(base: string) {
  const urls = Array.from({ length: COUNT }, (_, which) => `${base}/case/${which}`)
  const flags = [
    '--allow-private',
    '--rate',
    '0',
    '--no-progress',
    '--origin',
    ALLOWED,
    '--fail-on',
    'low',
    '--format',
    'json',
  ]
  return runCli(['scan', ...flags, ...urls])
}

function findingsIn(report: string): number {
  return (JSON.parse(report) as { findings?: unknown[] }).findings?.length ?? Number.NaN
}
