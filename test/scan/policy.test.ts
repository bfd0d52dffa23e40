import { join } from 'node:path'
import t from 'tap'
import { runCli, startGateway } from '../helpers/gateway.js'
import { FLAGS, reflect, serve } from './local-server.js'

t.test('--policy reports where reality deviates, route by route', async t => {
  const upstream = await serve(t, reflect)
  const policy = `
version: 1
upstreams: { api: { url: "${upstream.origin}" } }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors: [{ allowOrigins: ["https://www.shop.example", "https://*.preview.shop.example"], allowMethods: [GET, PUT], allowCredentials: true }]
  - { id: public, path: /public, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
  - { id: site, path: /site/*/page, upstream: api }
  - { id: watched, path: /watched, upstream: api, mode: report }
`
  const gateway = await startGateway(t, { policy })
  const file = join(gateway.dir, 'policy.yaml')
  const scan = async (url: string) => {
    const { code, stdout, stderr } = await runCli([
      'scan',
      url,
      '--policy',
      file,
      ...FLAGS,
      '--format',
      'json',
    ])
    t.ok(code === 0 || code === 1, stderr)
    const report = JSON.parse(stdout)
    return {
      code,
      urls: report.targets.length,
      found: report.findings.map(({ route, code }: Record<string, string>) => `${route}: ${code}`).sort(),
    }
  }
  t.same(await scan(gateway.url), { code: 0, urls: 4, found: [] }, 'the gateway is as its policy says')
  t.same(await scan(upstream.origin), {
    code: 1,
    urls: 4,
    found: [
      'orders: policy-narrower',
      'orders: policy-vary',
      'orders: policy-wider',
      'public: policy-vary',
      'public: policy-wider',
      'site: policy-vary',
      'site: policy-wider',
    ],
  })
  const silent = await serve(t, (_, response) => response.end())
  t.match(
    await scan(`${silent.origin}/orders`),
    { found: ['orders: policy-narrower', 'orders: policy-vary', 'orders: policy-wider'] },
    'allowed origins are refused, and refused ones are served',
  )
})

t.test('a route in report mode is skipped: nothing is sent, and it passes for no clean one', async t => {
  const server = await serve(t, reflect)
  const policy = (orders: string) => `version: 1
upstreams: { api: { url: "${server.origin}" } }
routes:
  - id: watched
    path: /watched
    upstream: api
    mode: report
    cors: [{ allowOrigins: ["https://www.shop.example"], allowMethods: [GET] }]
  - { id: orders, path: /orders, upstream: api, ${orders} }
`
  const file = join(
    t.testdir({ 'p.yaml': policy('mode: enforce'), 'all.yaml': policy('mode: report') }),
    'p.yaml',
  )
  const scan = (path: string, ...flags: readonly string[]) =>
    runCli(['scan', `${server.origin}${path}`, '--policy', file, ...FLAGS, ...flags])
  const alone = await scan('/watched')
  t.equal(server.seen.length, 0, 'nothing is sent')
  t.equal(alone.code, 3)
  t.match(alone.stdout, `skipped     ${server.origin}/watched  route watched is in mode: report (${file}:7:`)
  t.match(alone.stdout, 'No findings. 0 of 1 URL scanned, 1 skipped.')
  const [every, json, junit, page] = await Promise.all([
    runCli(['scan', server.origin, '--policy', join(file, '../all.yaml'), ...FLAGS]),
    scan('', '--format', 'json', '--fail-on', 'none'),
    scan('', '--format', 'junit', '--fail-on', 'none'),
    scan('/watched', '--format', 'html'),
  ])
  t.equal(every.code, 3, 'all that was asked')
  t.match(every.stdout, '0 of 2 URLs scanned, 2 skipped')
  t.equal(json.code, 0, 'the rest was scanned')
  const { targets, findings } = JSON.parse(json.stdout)
  t.match(targets, [
    { status: 'skipped', requests: 0, findings: 0, error: /^route watched is in mode: report/ },
    { status: 'scanned' },
  ])
  t.ok(findings.length > 0 && findings.every(({ route }: { route: string }) => route === 'orders'))
  t.match(
    junit.stdout,
    /tests="1" failures="0" errors="0" skipped="1"[\s\S]*<skipped message="route watched is/,
  )
  t.match(page.stdout, /skipped<\/span>[\s\S]*route watched is in mode: report/)
})

t.test(
  'a host that no route has is scanned by no policy: nothing is sent, and it passes for no clean one',
  async t => {
    const server = await serve(t, reflect)
    const file = join(
      t.testdir({
        'p.yaml': `version: 1
upstreams: { api: { url: "${server.origin}" } }
routes:
  - { id: orders, hosts: [api.shop.example, "*.preview.shop.example"], path: /orders/**, upstream: api }
  - { id: images, hosts: [api.shop.example], path: /images/**, upstream: api }
`,
      }),
      'p.yaml',
    )
    const scan = (...args: readonly string[]) => runCli(['scan', '--policy', file, ...FLAGS, ...args])
    const named = server.origin.replace('127.0.0.1', 'api.shop.example')
    const sentence =
      'no route of the policy has the host 127.0.0.1; its hosts: api.shop.example, *.preview.shop.example'
    for (const format of ['text', 'json', 'junit', 'markdown', 'html']) {
      const { code, stdout } = await scan(server.origin, '--format', format)
      t.equal(code, 3, format)
      t.match(stdout.replaceAll('\\', ''), sentence, format)
    }
    t.equal(server.seen.length, 0, 'nothing is sent')
    const [alone, beside] = await Promise.all([
      scan(server.origin),
      scan(server.origin, named, '--resolve', 'api.shop.example:127.0.0.1', '--fail-on', 'none'),
    ])
    t.match(alone.stdout, `unrouted    ${server.origin}/  no route`)
    t.match(alone.stdout, 'No findings. 0 of 1 URL scanned, 1 unrouted.')
    t.equal(beside.code, 3, 'also where others are scanned')
    t.match(beside.stdout, '2 of 3 URLs scanned, 1 unrouted.')
    t.match(beside.stdout, `high policy-wider`, 'by its name it is')
  },
)

t.test('no file is called so that a terminal would act on it', async t => {
  const odd = 'p\u001b[2J\u009b31m\u202e.yaml'
  const policy = `version: 1
upstreams: { api: { url: "http://127.0.0.1:1" } }
routes:
  - { id: watched, path: /watched, upstream: api, mode: report }
`
  const dir = t.testdir({ [odd]: policy, urls: 'http://x\u001b[2J\u009b31m\u202e:y/\n' })
  const file = join(dir, odd)
  const scan = (...args: readonly string[]) => runCli(['scan', 'http://127.0.0.1:1', ...args, ...FLAGS])
  const skipped = await Promise.all(
    ['text', 'json', 'junit', 'markdown', 'html'].map(format => scan('--policy', file, '--format', format)),
  )
  const refused = await Promise.all([
    scan('--policy', `${file}x`),
    scan('--baseline', file),
    scan('--baseline', `${file}x`),
    scan('--urls', `${file}x`),
    scan('--urls', join(dir, 'urls')),
    scan('-H', `@${file}x`),
  ])
  for (const { stdout } of skipped) t.match(stdout, 'route watched is in mode: report')
  for (const { stderr } of refused) t.match(stderr, /\\x1b\[2J\\x9b31m\\u\{202e\}/)
  for (const { stdout, stderr } of [...skipped, ...refused])
    t.notMatch(stdout + stderr, /[^\P{Cc}\n]|\p{Cf}/u)
  t.match(JSON.parse(skipped[1]!.stdout).targets[0].error, odd, 'JSON has the name as it is')
})
