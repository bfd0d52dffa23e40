import t from 'tap'
import { type SampleApi, startSampleApi } from '../../demo/sample-api.js'

const ORIGIN = 'https://evil.example'
const api = await startSampleApi({ host: '127.0.0.1', port: 0 })
t.teardown(api.close)

// The demo shows what these mistakes cost. Whoever "mends" the sample API takes that away, and fails here.
t.test('is misconfigured in the classic ways', async t => {
  const headers = async (path: string) => (await ask(api, path)).headers

  const orders = await headers('/orders')
  t.equal(orders.get('access-control-allow-origin'), ORIGIN, '/orders reflects any Origin')
  t.equal(orders.get('access-control-allow-credentials'), 'true', '/orders allows credentials with it')
  t.equal((await headers('/catalog')).get('access-control-allow-origin'), '*, *', '/catalog sends * twice')
  const prices = await headers('/prices')
  t.equal(prices.get('access-control-allow-origin'), ORIGIN, '/prices answers by Origin')
  t.match(prices.get('cache-control'), 'public', '/prices may be cached')
  t.equal(prices.get('vary'), null, '/prices forgets Vary')
  const profile = await headers('/profile')
  t.equal(profile.get('access-control-allow-origin'), '*', '/profile allows *')
  t.equal(profile.get('access-control-allow-credentials'), 'true', '/profile allows credentials with *')
  t.equal((await headers('/stock')).get('timing-allow-origin'), '*', '/stock shows its timing to all')
})

t.test('answers every OPTIONS with everything allowed', async t => {
  const asked = { 'Access-Control-Request-Method': 'DELETE', 'Access-Control-Request-Headers': 'x-anything' }
  for (const path of ['/orders/1', '/nowhere']) {
    const { status, headers } = await ask(api, path, { method: 'OPTIONS', headers: asked })
    t.equal(status, 204, path)
    t.match(headers.get('access-control-allow-methods'), 'DELETE', path)
    t.equal(headers.get('access-control-allow-headers'), 'x-anything', path)
    t.equal(headers.get('access-control-allow-credentials'), 'true', path)
    t.equal(headers.get('access-control-allow-private-network'), 'true', path)
  }
})

t.test('shows orders by the session cookie alone', async t => {
  t.equal((await ask(api, '/orders')).status, 401)
  const alice = await ask(api, '/orders', { headers: { Cookie: 'a=b; session=alice' } })
  t.match(await alice.json(), { user: 'alice', orders: [{ id: '1' }, { id: '2' }, { id: '3' }] })
  const bob = await ask(api, '/orders', { headers: { Cookie: 'session=bob' } })
  t.same(await bob.json(), { user: 'bob', orders: [] })
})

t.test('signs in, and goes back to a port of this host, never elsewhere', async t => {
  const signedIn = await ask(api, '/login', { method: 'POST' })
  t.equal(signedIn.headers.get('set-cookie'), 'session=alice; Path=/; HttpOnly; SameSite=Lax')
  const back = await ask(api, '/login?port=8090', { redirect: 'manual' })
  t.equal(back.status, 303)
  t.equal(back.headers.get('location'), 'http://127.0.0.1:8090/?signed-in')
  const elsewhere = await ask(api, '/login?port=80@evil.example', { redirect: 'manual' })
  t.equal(elsewhere.headers.get('location'), null)
})

t.test('creates, changes and deletes', async t => {
  const Cookie = 'session=carol'
  const send = (method: string, path: string, body?: string) =>
    ask(api, path, { method, headers: { Cookie }, ...(body === undefined ? {} : { body }) })
  const created = await send('POST', '/orders', '{"item":"Sencha"}')
  t.equal(created.status, 201)
  const { id } = (await created.json()) as { id: string }
  t.match(await (await send('PUT', `/orders/${id}`, '{"item":"Gyokuro"}')).json(), { id, item: 'Gyokuro' })
  t.equal((await send('DELETE', `/orders/${id}`)).status, 204)
  t.equal((await send('GET', `/orders/${id}`)).status, 404)
  t.equal((await send('PUT', '/stock/oolong', '{')).status, 400)
  t.equal((await send('PUT', '/stock/oolong', `"${'x'.repeat(70_000)}"`)).status, 413)
  t.equal((await send('DELETE', '/catalog')).status, 405)
})

t.test('counts what it received, by method, but not the question for it', async t => {
  const own = await startSampleApi({ host: '127.0.0.1', port: 0 })
  t.teardown(own.close)
  for (const method of ['GET', 'GET', 'DELETE', 'OPTIONS']) await ask(own, '/stock/oolong', { method })
  t.same(own.requests(), { total: 4, byMethod: { GET: 2, DELETE: 1, OPTIONS: 1 } })
  t.same(await (await ask(own, '/count')).json(), own.requests())
})

function ask(to: SampleApi, path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
  return fetch(`${to.url}${path}`, { ...init, headers: { Origin: ORIGIN, ...headers } })
}
