import { setTimeout as wait } from 'node:timers/promises'
import { startUpstream } from '../helpers/upstream.js'
import { mixedLoad, mixedUpstream } from './mixed-load.js'
import { promise, WHOLE } from './promise.js'
import { eventually, memoryOf, openRig, percentile, policyOf, ROUTES } from './rig.js'

promise('L1', async (t, row) => {
  const upstream = await startUpstream(t, (request, response) => {
    upstream.seen.length = 0
    mixedUpstream(request, response)
  })
  const { gateway, port } = await openRig(t, policyOf(upstream.url, ROUTES, 'connections: 64, queue: 256'))
  const pid = gateway.child.pid!
  const milliseconds = WHOLE ? 30 * 60_000 : 20_000
  const memory: number[] = []
  let records = 0
  // Counted and dropped: half a million records would be this process's own slope.
  const drop = (): void => {
    records += gateway.records.filter(({ event }) => event.startsWith('cors.')).length
    gateway.records.length = 0
  }
  const watch = setInterval(() => {
    memory.push(memoryOf(pid))
    drop()
  }, 1000)

  const totals = await mixedLoad(port, { users: 500, milliseconds, pause: 1000 })
  clearInterval(watch)
  await eventually(() => {
    drop()
    return records >= totals.sent
  })
  await wait(200)
  drop()

  t.same(totals.unexplained, [], 'every request ended as it should')
  t.ok(totals.shed < totals.sent / 1000, `${totals.shed} were told to come back`)
  t.equal(records, totals.sent, 'one record per request')
  t.ok(gateway.child.exitCode === null, 'the process is alive')
  const third = Math.floor(memory.length / 3)
  const middle = median(memory.slice(third, 2 * third))
  const last = median(memory.slice(2 * third))
  t.ok(last < middle * 1.15 + 16, `memory: ${middle.toFixed(0)} MiB, then ${last.toFixed(0)} MiB`)
  row.tried(totals.sent)
  row.figure(
    `${(milliseconds / 60_000).toFixed(1)} min, 500 connections, ${totals.unexplained.length} unexplained, ${totals.shed} shed with Retry-After; memory ` +
      `${middle.toFixed(0)} MiB in the second third, ${last.toFixed(0)} in the last, ${Math.max(...memory).toFixed(0)} at most; ` +
      `GET p50 ${percentile(totals.milliseconds, 0.5).toFixed(1)} ms, p99 ${percentile(totals.milliseconds, 0.99).toFixed(1)} ms`,
  )
})

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
