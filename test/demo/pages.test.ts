import t from 'tap'
import { type PageSurroundings, startPage } from '../../demo/pages.js'

const around: PageSurroundings = {
  gatewayUrl: 'http://127.0.0.1:1',
  apiUrl: 'http://127.0.0.1:2',
  otherUrl: 'http://127.0.0.1:3',
  requests: () => ({ total: 7, byMethod: { GET: 7 } }),
}
const signedIn = { headers: { Cookie: 'session=alice' }, redirect: 'manual' } as const

for (const role of ['allowed', 'foreign'] as const) {
  t.test(`the ${role} page`, async t => {
    const page = await startPage(role, 0, () => around)
    t.teardown(page.close)
    const response = await fetch(`${page.url}/`, signedIn)
    const html = await response.text()

    t.equal(response.status, 200)
    t.match(html, `data-role="${role}"`)
    t.match(html, page.url, 'says its own origin')
    t.match(html, `href="${around.otherUrl}/"`, 'links to the other page')
    t.notMatch(html, '{{', 'no blank is left')
    t.notMatch(html, /(?:src|href)="(?:https?:)?\/\/(?!127\.0\.0\.1)/, 'nothing from elsewhere')
    for (const kind of ['simple', 'preflighted', 'credentialed']) {
      for (const via of ['gateway', 'direct']) t.match(html, `data-fetch="${kind}" data-via="${via}"`)
    }
    t.match(response.headers.get('content-security-policy'), `connect-src 'self' ${around.gatewayUrl}`)
    for (const file of ['/page.css', '/page.js']) t.equal((await fetch(page.url + file)).status, 200, file)
    t.equal((await fetch(`${page.url}/../package.json`)).status, 404, 'serves nothing else')
  })
}

t.test('who is not signed in signs in through the gateway, and is asked once', async t => {
  const page = await startPage('foreign', 0, () => around)
  t.teardown(page.close)
  const first = await fetch(`${page.url}/`, { redirect: 'manual' })
  t.equal(first.status, 303)
  t.equal(first.headers.get('location'), `${around.gatewayUrl}/login?port=${new URL(page.url).port}`)
  t.equal((await fetch(`${page.url}/?signed-in`, { redirect: 'manual' })).status, 200, 'without cookies too')
})

t.test('localhost is sent to the origin that the policy lists', async t => {
  const page = await startPage('allowed', 0, () => around)
  t.teardown(page.close)
  const response = await fetch(`http://localhost:${new URL(page.url).port}/`, signedIn)
  t.equal(response.headers.get('location'), `${page.url}/`)
})

t.test('tells the page what it cannot find out: who answers, and what the API received', async t => {
  const page = await startPage('allowed', 0, () => ({ ...around, apiUrl: page.url }))
  t.teardown(page.close)
  t.same(await (await fetch(`${page.url}/facts`)).json(), {
    reachable: { gateway: false, direct: true },
    received: around.requests(),
  })
})
