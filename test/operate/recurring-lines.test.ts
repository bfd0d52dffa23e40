import t from 'tap'
import { startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'

const POLICY = `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" }, other: { url: "http://127.0.0.1:9" } }
routes:
  - { id: api, path: /**, upstream: api }
  - { id: also, path: /also, upstream: api }
  - { id: other, path: /other, upstream: other }
`

t.test('what clients and upstreams cause is logged at once, and equal lines are counted', async t => {
  const gateway = await startGateway(t, { policy: POLICY, flags: ['--body-limit', '1'] })
  const linesOf = (event: string) =>
    gateway
      .stderr()
      .split('\n')
      .flatMap(line => (line.includes(`"event":"${event}"`) ? [JSON.parse(line)] : []))
  const refusedBody = { method: 'POST', path: '/', body: 'too large' }
  for (let n = 0; n < 50; n++) {
    const path = n % 2 === 0 ? '/' : '/also'
    t.equal((await send(gateway.port, { path, headers: { 'x-request-id': `r${n}` } })).status, 502)
  }
  for (let n = 0; n < 30; n++) t.equal((await send(gateway.port, refusedBody)).status, 413)
  await send(gateway.port, { path: '/other' })
  while (linesOf('upstream.failed').length < 2) await new Promise(setImmediate)
  await gateway.stop()
  const failed = linesOf('upstream.failed').filter(({ upstream }) => upstream === 'api')
  const count = (lines: readonly { count?: number }[]) => lines.reduce((sum, { count = 1 }) => sum + count, 0)
  t.match(failed[0], { level: 'warn', code: 'ECONNREFUSED', requestId: 'r0', count: undefined })
  t.match(failed.at(-1), { route: 'also', requestId: 'r49', count: Number, lastSeen: String })
  t.equal(count(failed), 50)
  t.equal(linesOf('upstream.failed').length - failed.length, 1, 'another upstream is not the same')
  const refused = linesOf('request.refused')
  t.match(refused[0], { level: 'info', failure: 'payload-too-large', count: undefined })
  t.equal(count(refused), 30)
  // Two in each window of ten seconds; a slow machine may see the end of one.
  t.ok(failed.length <= 4 && refused.length <= 4, `${failed.length} and ${refused.length} lines`)
})
