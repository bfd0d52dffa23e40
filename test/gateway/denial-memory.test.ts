import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { flood } from '../helpers/flood.js'
import { startGateway } from '../helpers/gateway.js'
import { heapOf, INSPECTED } from '../helpers/heap-of.js'
import { send } from '../helpers/send.js'

// Records of denials are kept for a while, for a summary and for the console: what they hold is what a flood costs.

const policyOf = (origins: readonly string[]): string => `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: ${JSON.stringify(origins)}, allowMethods: [GET] }] }]
`
const get = (target: string, origin: string) =>
  `GET ${target} HTTP/1.1\r\nHost: a.example\r\nOrigin: ${origin}\r\n\r\n`

const FLOODS: Record<string, [requests: number, request: (index: number) => string]> = {
  'of many segments': [1_200, index => get(`/${'ab/'.repeat(5_000)}`, `https://o${index}.evil.example`)],
  'with long queries': [
    5_000,
    index => get(`/orders/of/this/year?${'q'.repeat(15_000)}`, `https://o${index}.evil.example`),
  ],
  'with long origins': [5_000, index => get('/orders', `https://o${index}.${'e'.repeat(15_000)}.example`)],
}

for (const [name, [requests, request]] of Object.entries(FLOODS)) {
  t.test(`a flood of denials ${name} does not fill the heap`, async t => {
    const gateway = await startGateway(t, {
      policy: policyOf(['https://www.shop.example']),
      flags: ['--audit-window', '60s', '--audit-file', '/dev/null'],
      nodeFlags: ['--max-old-space-size=72'],
    })
    const statuses = await flood({ port: gateway.port, requests, request, connections: 8, batch: 5 })
    t.strictSame(statuses, new Map([['403', requests]]))
    t.equal(await gateway.stop(), 0)
  })
}

t.test('a flood of denials over many routes does not fill the heap', async t => {
  const [routes, each] = [250, 500]
  const policy = Array.from(
    { length: routes },
    (_, route) =>
      `  - { id: r${route}, path: /r${route}, upstream: api, cors: [{ allowOrigins: [https://www.shop.example], allowMethods: [GET] }] }\n`,
  )
  const gateway = await startGateway(t, {
    policy: `version: 1\nupstreams: { api: { url: "http://127.0.0.1:9" } }\nroutes:\n${policy.join('')}`,
    flags: ['--audit-window', '60s', '--audit-file', '/dev/null', '--max-requests-per-socket', '1000000'],
    nodeFlags: ['--max-old-space-size=72'],
  })
  const statuses = await flood({
    port: gateway.port,
    requests: routes * each,
    request: index => get(`/r${index % routes}`, `https://o${index}.${'e'.repeat(220)}.example`),
    connections: 8,
  })
  t.strictSame(statuses, new Map([['403', routes * each]]))
  t.equal(await gateway.stop(), 0)
})

t.test('a denial does not keep the policy that it was decided by', async t => {
  const revision = (number: number) =>
    policyOf(Array.from({ length: 10_000 }, (_, index) => `https://tenant-${index}-${number}.shop.example`))
  const gateway = await startGateway(t, {
    policy: revision(0),
    flags: ['--audit-window', '60s', '--policy-poll', '1h'],
    nodeFlags: INSPECTED,
  })
  const heap = await heapOf(t, gateway)
  const loaded = () => gateway.records.filter(({ event }) => event === 'policy.loaded').length
  const revise = async (number: number) => {
    writeFileSync(join(gateway.dir, 'next'), revision(number))
    renameSync(join(gateway.dir, 'next'), join(gateway.dir, 'policy.yaml'))
    gateway.child.kill('SIGHUP')
    await gateway.record(() => loaded() > number)
    const { status } = await send(gateway.port, {
      path: '/',
      headers: { host: 'a.example', origin: `https://evil-${number}.example` },
    })
    t.equal(status, 403)
  }
  await revise(1)
  await heap.collect()
  const before = await heap.used()
  for (let number = 2; number <= 7; number++) await revise(number)
  await heap.collect()
  const revisions = ((await heap.used()) - before) / 1e6
  t.ok(revisions < 4, `${revisions.toFixed(1)} MB are kept of six policies`)
})
