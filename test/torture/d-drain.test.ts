import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../helpers/free-port.js'
import { MAIN } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { promise } from './promise.js'
import { eventually, openRig, openSocket, policyOf, ROUTES } from './rig.js'

promise('D1', async (t, row) => {
  let begun = 0
  const upstream = await startUpstream(t, (request, response) => {
    begun++
    if (request.url === '/fast') response.end('fast')
    else setTimeout(() => response.end('late'), 1500)
  })
  const policy = policyOf(
    upstream.url,
    ROUTES,
    'timeouts: { connect: 5s, headers: 20s, idle: 20s }, connections: 600',
  )
  const { gateway, ask, ledger, port } = await openRig(t, policy, ['--drain-delay', '1s'])
  const inFlight = Array.from({ length: 500 }, () => ask({ path: '/late' }))
  t.ok(await eventually(() => begun === 500, 20_000), '500 are in flight')
  const admin = Number(new URL(gateway.admin).port)
  const readiness = async (): Promise<number> => (await send(admin, { path: '/readyz' })).status
  t.equal(await readiness(), 200, 'ready until SIGTERM')
  const started = performance.now()
  const exit = gateway.stop()
  let [refused, answered, notReady] = [0, 0, 0]
  while (refused < 10 && performance.now() - started < 20_000) {
    const answer = await send(port, { path: '/fast' }).catch(() => undefined)
    if (answer === undefined) {
      if (refused++ === 0) t.ok(notReady > 0, `/readyz was 503 ${notReady} times before the port closed`)
    } else if (answer.status !== 200 || answer.cut) t.fail(`a new arrival got ${answer.status}`)
    else {
      answered++
      t.equal(refused, 0, 'a port that closed stays closed')
      // Told before the port closes: whoever routes by readiness has moved on by then.
      if ((await readiness().catch(() => 0)) === 503) notReady++
    }
    await wait(5)
  }
  t.equal(refused, 10, 'then the port is closed')
  const answers = await Promise.all(inFlight)
  t.equal(
    answers.filter(answer => answer?.status === 200 && answer.body === 'late' && !answer.cut).length,
    500,
    'all complete',
  )
  t.equal(await exit, 0, 'exit 0')
  const seconds = (performance.now() - started) / 1000
  t.ok(seconds < 25, `after ${seconds.toFixed(1)} s`)
  await ledger.settle(t, gateway)

  const stuck = await startUpstream(t, () => {})
  const second = await openRig(
    t,
    policyOf(stuck.url, ROUTES, 'timeouts: { connect: 5s, headers: 60s, idle: 60s }'),
    ['--drain-timeout', '1s'],
  )
  const hanging = second.ask({ path: '/never' })
  const idle = await openSocket(second.port)
  t.ok(await eventually(() => stuck.seen.length === 1), 'one that never ends is in flight')
  const before = performance.now()
  t.equal(await second.gateway.stop(), 0, 'exit 0 by the deadline all the same')
  t.ok(performance.now() - before < 8000, 'in time')
  t.equal(await hanging, undefined, 'which is a cut for the one that never ends')
  idle.destroy()
  row.tried(501 + answered + refused)
  row.figure(
    `500 of 500 in flight complete; /readyz 503 seen ${notReady} times before the port closed; new arrivals: ${answered} answered, ${refused} refused by the closed port, none cut; exit 0 after ${seconds.toFixed(1)} s`,
  )
})

promise('D2', async (t, row) => {
  const upstream = await startUpstream(t)
  const { gateway: first } = await openRig(t, policyOf(upstream.url))
  const policy = join(first.dir, 'second.yaml')
  writeFileSync(policy, policyOf(upstream.url))
  const port = await freePort()
  let provable = 0
  const restarts: number[] = []
  for (let round = 0; round < 20; round++) {
    const started = performance.now()
    const child = spawn(process.execPath, [
      MAIN,
      'serve',
      '--policy',
      policy,
      '--listen',
      `127.0.0.1:${port}`,
      '--audit',
      'all',
    ])
    t.teardown(() => child.kill('SIGKILL'))
    const records: { seq: number; boot: string; requestId?: string }[] = []
    createInterface({ input: child.stdout }).on('line', line => records.push(JSON.parse(line)))
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    const ready = await eventually(() => errors.includes('gateway.started'), 15_000)
    if (!ready) t.fail(`round ${round}: the port can't be used again: ${errors}`)
    restarts.push(performance.now() - started)
    let stopping = false
    const answered: string[] = []
    const load = Array.from({ length: 8 }, async (_, user) => {
      for (let turn = 0; !stopping; turn++) {
        const id = `${round}-${user}-${turn}`
        const answer = await send(port, { headers: { 'x-request-id': id } }).catch(() => undefined)
        if (answer !== undefined) answered.push(id)
      }
    })
    await eventually(() => answered.length > 50 + 10 * round, 10_000)
    child.kill('SIGKILL')
    await once(child, 'close')
    stopping = true
    await Promise.all(load)
    // Every answer that a client has is in the log, and the numbers of a boot have no hole before its end.
    const ids = new Set(records.map(({ requestId }) => requestId))
    const missing = answered.filter(id => !ids.has(id))
    const gaps = records.filter(({ seq }, index) => seq !== index + 1)
    t.same(
      [missing, gaps.length, new Set(records.map(({ boot }) => boot)).size],
      [[], 0, 1],
      `round ${round}`,
    )
    if (missing.length === 0 && gaps.length === 0) provable++
  }
  row.tried(20)
  row.figure(
    `20 × SIGKILL under load: serving again after ${Math.max(...restarts).toFixed(0)} ms at most on the same port; in ${provable} of 20 every answer a client had was on record, numbered without a gap`,
  )
})
