import t, { type Test } from 'tap'
import type { Lease } from '../../src/gateway/upstream/lease.js'
import { type PoolOptions, UpstreamPool } from '../../src/gateway/upstream/upstream-pool.js'

const OPTIONS: PoolOptions = {
  origin: 'http://127.0.0.1:9',
  tls: { dangerouslySkipVerify: false },
  timeouts: { connect: 500, headers: 200, idle: 500 },
  connections: 2,
  queue: 2,
}

function poolOf(t: Test, changes: Partial<PoolOptions> = {}): UpstreamPool {
  const pool = new UpstreamPool({ ...OPTIONS, ...changes })
  t.teardown(() => void pool.close())
  return pool
}

/** Asks for a lease; `lease` is set when it is granted, `refused` when it is not to be had. */
function ask(pool: UpstreamPool, order: string[] = [], name = ''): Asked {
  const asked: Asked = { lease: undefined, refused: false, cancel: () => {}, settled: Promise.resolve() }
  asked.settled = new Promise(resolve => {
    asked.cancel = pool.acquire({
      granted: lease => {
        asked.lease = lease
        order.push(name)
        resolve()
      },
      refused: () => {
        asked.refused = true
        resolve()
      },
    })
  })
  return asked
}

interface Asked {
  lease: Lease | undefined
  refused: boolean
  cancel: () => void
  settled: Promise<void>
}

t.test('runs so many, queues so many, refuses the rest at once', async t => {
  const pool = poolOf(t)
  const asked = Array.from({ length: 5 }, () => ask(pool))
  t.same(
    asked.map(({ lease, refused }) => (lease ? 'runs' : refused ? 'refused' : 'waits')),
    ['runs', 'runs', 'waits', 'waits', 'refused'],
  )
  t.same([pool.active, pool.waiting, pool.saturated], [2, 2, true])
})

t.test('first come, first served; a slot given back goes to the next', async t => {
  const pool = poolOf(t)
  const order: string[] = []
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => ask(pool, order, name)) as [
    Asked,
    Asked,
    Asked,
    Asked,
  ]
  b.lease?.release()
  await c.settled
  a.lease?.discard()
  await d.settled
  t.same(order, ['a', 'b', 'c', 'd'])
  t.same([pool.active, pool.waiting], [2, 0])
  c.lease?.release()
  c.lease?.release()
  c.lease?.discard()
  await Promise.resolve()
  t.equal(pool.active, 1, 'given back once, however often')
})

t.test('one that leaves the queue is forgotten', async t => {
  const pool = poolOf(t)
  const order: string[] = []
  const [a, , c, d] = ['a', 'b', 'c', 'd'].map(name => ask(pool, order, name)) as [Asked, Asked, Asked, Asked]
  c.cancel()
  t.equal(pool.waiting, 1)
  a.lease?.release()
  await d.settled
  t.same(order, ['a', 'b', 'd'])
  t.notOk(c.refused)
})

t.test('waits no longer than for headers', async t => {
  const pool = poolOf(t, { connections: 1 })
  ask(pool)
  const waiting = ask(pool)
  await waiting.settled
  t.ok(waiting.refused)
  t.equal(pool.waiting, 0)
})

t.test('close waits for what runs and for what waits', async t => {
  const pool = poolOf(t, { connections: 1 })
  const a = ask(pool)
  const b = ask(pool)
  let closed = false
  const closing = pool.close().then(() => {
    closed = true
  })
  a.lease?.release()
  await b.settled
  t.ok(b.lease, 'what waited is served')
  t.notOk(closed)
  b.lease?.release()
  await closing
  const late = ask(pool)
  t.ok(late.lease, 'a request of the old revision that comes late is served too')
  await poolOf(t).close()
})

t.test('authority', async t => {
  t.equal(poolOf(t, { origin: 'http://orders.internal:8080' }).authority, 'orders.internal:8080')
  t.equal(poolOf(t, { origin: 'https://[::1]:8443' }).authority, '[::1]:8443')
})
