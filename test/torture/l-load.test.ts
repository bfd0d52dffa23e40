import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { flood } from '../helpers/flood.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { mixedLoad, mixedUpstream } from './mixed-load.js'
import { promise, WHOLE } from './promise.js'
import { eventually, head, memoryOf, openRig, openSocket, percentile, policyOf, ROUTES } from './rig.js'

promise('L1', async (t, row) => {
  const upstream = await startUpstream(t, (request, response) => {
    upstream.seen.length = 0
    mixedUpstream(request, response)
  })
  const { gateway, port } = await openRig(t, policyOf(upstream.url, ROUTES, 'connections: 64, queue: 256'))
  const pid = gateway.child.pid!
  const milliseconds = WHOLE ? 30 * 60_000 : 10_000
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

promise('L2', async (t, row) => {
  const upstream = await startUpstream(t, (request, response) => {
    if (request.url === '/large') response.end(Buffer.alloc(8 * 1024 * 1024, 'x'))
    else request.resume().on('end', () => response.end('ok'))
  })
  const { gateway, port } = await openRig(
    t,
    policyOf(
      upstream.url,
      ROUTES,
      'timeouts: { connect: 1s, headers: 5s, idle: 3s }, connections: 200, queue: 256',
    ),
    ['--headers-timeout', '3s', '--request-timeout', '5s'],
  )
  const pid = gateway.child.pid!
  for (let round = 0; round < 100; round++) await send(port, { path: '/warm' })
  const before = memoryOf(pid)
  const closed = new Map<string, number>()
  const slow = async (kind: string, count: number, first: string, drip: string): Promise<void> => {
    const sockets = await Promise.all(Array.from({ length: count }, () => openSocket(port)))
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.once('close', () => closed.set(kind, (closed.get(kind) ?? 0) + 1))
      if (kind === 'reader') socket.pause()
      else socket.resume()
      socket.write(first)
      if (drip !== '') {
        const timer = setInterval(() => socket.write(drip), 1000)
        socket.once('close', () => clearInterval(timer))
      }
    }
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
    })
  }
  let peak = before
  const honest: number[] = []
  let over = false
  const honestTraffic = (async () => {
    while (!over) {
      const asked = performance.now()
      const answer = await send(port, { path: '/honest' })
      if (answer.status !== 200) t.fail(`honest traffic: ${answer.status}`)
      honest.push(performance.now() - asked)
      peak = Math.max(peak, memoryOf(pid))
      await wait(20)
    }
  })()
  const started = performance.now()
  await slow('head', 2000, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'a')
  await slow('post', 100, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n', 'b')
  await slow('reader', 50, head('GET /large HTTP/1.1', 'Host: x'), '')
  await eventually(() => closed.get('head') === 2000 && closed.get('post') === 100, 40_000)
  over = true
  await honestTraffic
  const seconds = (performance.now() - started) / 1000
  t.equal(closed.get('head'), 2000, 'slow heads are closed')
  t.equal(closed.get('post'), 100, 'slow posts are closed')
  // A paused socket does not see its end: whether the gateway let go shows at the upstream, whose slots are free.
  t.ok(
    await eventually(async () => (await send(port, { path: '/free' })).status === 200),
    'honest traffic goes on',
  )
  t.ok(peak - before < 200, `memory grew by ${(peak - before).toFixed(0)} MiB`)
  row.tried(2150)
  row.figure(
    `2,000 slow heads and 100 slow posts closed within ${seconds.toFixed(0)} s (limits 3 and 5 s); ${honest.length} honest requests meanwhile, p50 ${percentile(honest, 0.5).toFixed(0)} ms, all 200; memory + ${(peak - before).toFixed(0)} MiB`,
  )
})

promise('L3', async (t, row) => {
  let aborted = 0
  let whole = 0
  const upstream = await startUpstream(t, (request, response) => {
    request.on('data', () => {})
    request.on('error', () => {})
    request.once('close', () => request.complete || aborted++)
    request.once('end', () => {
      whole++
      response.end('ok')
    })
  })
  const { ask, ledger, gateway, port } = await openRig(t, policyOf(upstream.url), ['--body-limit', '64KiB'])
  t.equal(
    (await ask({ method: 'POST', body: Buffer.alloc(65_536, 'x') }))?.status,
    200,
    'the limit itself passes',
  )
  for (let round = 0; round < 20; round++)
    t.equal((await ask({ method: 'POST', body: Buffer.alloc(65_537, 'x') }))?.status, 413, 'over by header')
  t.equal(upstream.seen.length, 1, 'and was not forwarded')
  for (let round = 0; round < 20; round++) {
    const id = ledger.begin()
    const socket = await openSocket(port)
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.write(head('POST / HTTP/1.1', 'Host: x', `X-Request-Id: ${id}`, 'Transfer-Encoding: chunked'))
    for (let chunk = 0; chunk < 10; chunk++) socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`)
    t.ok(await eventually(() => text.includes('HTTP/1.1 413')), 'over by chunk: 413')
    ledger.end(id, 'refused', 413)
    socket.destroy()
  }
  t.ok(await eventually(() => aborted === upstream.seen.length - 1), 'the upstream request is reset')
  t.equal(whole, 1, 'no whole request but the first')
  await ledger.settle(t, gateway)
  row.tried(41)
  row.figure(`by header: 413 before forwarding; by chunk: 413, the upstream's request reset each time`)
})

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

promise('L6', async (t, row) => {
  const [routes, each] = [200, 400]
  let answers = 0
  const upstream = createServer((request, response) => {
    request.resume()
    const names = Array.from({ length: 11 }, (_, index) => `access-control-${index}-${answers}`)
    answers++
    for (const name of names) response.setHeader(name, 'x')
    response.end()
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  const { port: upstreamPort } = upstream.address() as { port: number }
  const text = Array.from(
    { length: routes },
    (_, index) => `${ROUTES.replace('id: api', `id: r${index}`).replace('/**', `/r${index}/**`)}`,
  ).join('')
  const { gateway, port } = await openRig(
    t,
    policyOf(`http://127.0.0.1:${upstreamPort}`, text),
    ['--audit-file', '/dev/null', '--audit-window', '2s', '--max-requests-per-socket', '1000000'],
    ['--max-old-space-size=96'],
  )
  const get = (index: number, origin: string) =>
    head(`GET /r${index % routes}/x HTTP/1.1`, 'Host: x', ...(origin === '' ? [] : [`Origin: ${origin}`]))
  const requests = routes * each
  const named = await flood({ port, requests, request: index => get(index, '') })
  t.same([...named], [['200', requests]])
  const far = '.'.concat('e'.repeat(200), '.example')
  const denied = await flood({ port, requests, request: index => get(index, `https://o${index}${far}`) })
  t.same([...denied], [['403', requests]])
  row.tried(2 * requests)
  row.figure(`${2 * requests} requests on ${routes} routes: ${memoryOf(gateway.child.pid!).toFixed(0)} MiB`)
})
