import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCli, startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'

const OLD = 'https://old.shop.example'
const POLICY = `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
origins:
  partners:
    - { origin: https://now.shop.example }
    - { origin: "${OLD}", owner: team-x, expires: 2026-01-01 }
    - { origin: "https://*.past.example", expires: 2025-06-30 }
routes:
  - { id: orders, path: /orders/**, upstream: api, cors: [{ allowOrigins: [partners], allowMethods: [GET] }] }
  - { id: other, path: /other/**, upstream: api, cors: [{ allowOrigins: ["${OLD}"], allowMethods: [GET] }] }
`
const AT = 'policy.yaml:6:17, owner team-x) ended 2026-01-01'

t.test('whose entry has expired, and where it is, say the record, explain and the console', async t => {
  const dir = t.testdir()
  const policy = join(dir, 'policy.yaml')
  writeFileSync(policy, POLICY)
  const gateway = await startGateway(t, { policy: POLICY })
  const denied = async (origin: string) => {
    t.equal((await send(gateway.port, { path: '/orders/1', headers: { origin } })).status, 403)
    return gateway.record(one => one['event'] === 'cors.denied' && one['origin'] === origin)
  }
  const record = await denied(OLD)
  t.match(record['hint'], /^expired https:\/\/old\.shop\.example \(/)
  t.match(String(record['hint']), AT)
  t.match(
    (await denied('https://a.past.example'))['hint'],
    /^expired https:\/\/\*\.past\.example .* ended 2025-06-30$/,
  )
  t.equal((await denied('https://stranger.example'))['hint'], undefined)

  const explained = async (format: string) =>
    (
      await runCli(
        ['explain', '--policy', policy, '--request', '-', '--format', format],
        {},
        JSON.stringify(record),
      )
    ).stdout
  t.match(await explained('text'), `what would hold it has expired: ${OLD} (${join(dir, AT)}\n`)
  t.match(JSON.parse(await explained('json')).rules[0], {
    verdict: 'passes',
    expired: {
      text: OLD,
      set: 'partners',
      owner: 'team-x',
      expires: '2026-01-01',
      file: policy,
      line: 6,
      column: 17,
    },
  })

  const asked = new URLSearchParams({ url: 'http://api.example/orders/1', origin: OLD })
  t.match(await (await fetch(`${gateway.admin}/try?${asked}`)).text(), AT)
  t.match(await (await fetch(`${gateway.admin}/`)).text(), AT, 'the console’s denials')
})
