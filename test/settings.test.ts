import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { misspeltVariables } from '../src/cli/given/misspelt-variables.js'
import { readSettings } from '../src/read-settings.js'
import { flagOf, SETTINGS, variableOf } from '../src/settings.js'

const read = (flags = {}, env = {}, file: Record<string, string> = {}) =>
  readSettings({ flags: { policy: 'p.yaml', ...flags }, env, file: fileOf(file) })

const fileOf = (file: Record<string, string>) =>
  new Map(Object.entries(file).map(([key, text]) => [key, { text, source: `s.yaml:1:2: ${key}` }]))

t.test('flag before variable before file before default', async t => {
  t.match(read(), {
    settings: {
      listen: { host: '127.0.0.1', port: 8080 },
      bodyLimit: 10 * 1024 ** 2,
      headersTimeout: 10_000,
    },
  })
  t.match(read({}, {}, { bodyLimit: '1KiB' }), { settings: { bodyLimit: 1024 } })
  t.match(read({}, { CROSSGATE_BODY_LIMIT: '2KiB' }, { bodyLimit: '1KiB' }), {
    settings: { bodyLimit: 2048 },
  })
  t.match(read({ bodyLimit: '3' }, { CROSSGATE_BODY_LIMIT: '2KiB' }), { settings: { bodyLimit: 3 } })
})

t.test('values as people write them', async t => {
  t.match(read({ listen: '[::1]:0' }), { settings: { listen: { host: '::1', port: 0 } } })
  for (const [text, milliseconds] of [
    ['500ms', 500],
    ['2', 2000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ] as const) {
    t.match(read({ drainTimeout: text }), { settings: { drainTimeout: milliseconds } }, text)
  }
  const result = read({ trustedProxies: '10.0.0.0/8, 2001:db8::/32 192.0.2.7' })
  if (!('settings' in result)) return t.fail('settings expected')
  const { trustedProxies } = result.settings
  t.ok(trustedProxies.check('10.1.2.3') && trustedProxies.check('2001:db8::9', 'ipv6'))
  t.ok(trustedProxies.check('192.0.2.7'))
  t.notOk(trustedProxies.check('192.0.2.8'))
})

t.test('everything wrong is said at once, with where it was said', async t => {
  const result = readSettings({
    flags: { listen: 'nowhere', audit: 'some', maxHeaders: '0' },
    env: { CROSSGATE_BODY_LIMIT: 'huge', CROSSGATE_TRUSTED_PROXIES: '10.0.0.0/99' },
    file: fileOf({ drainTimeout: 'soon' }),
  })
  t.same((result as { errors: string[] }).errors, [
    '--policy: it is required (or CROSSGATE_POLICY), such as --policy config/policy.yaml',
    '--listen: "nowhere" is not HOST:PORT, such as 127.0.0.1:8080',
    '--audit: "some" is none of denied, all, sample:N',
    'CROSSGATE_TRUSTED_PROXIES: "10.0.0.0/99" is not an address or CIDR such as 10.0.0.0/8',
    'CROSSGATE_BODY_LIMIT: "huge" is not a size such as 65536, 16KiB, 10MiB',
    '--max-headers: "0" is not a whole number above 0',
    's.yaml:1:2: drainTimeout: "soon" is not a duration such as 500ms, 30s, 10m or 2h, or a plain number of seconds',
  ])
})

t.test('two settings that cannot both hold are named where they were said', async t => {
  const clash = (from: Partial<Parameters<typeof readSettings>[0]>) =>
    readSettings({ flags: { policy: 'p' }, env: {}, file: fileOf({}), ...from })
  t.same(clash({ env: { CROSSGATE_ADMIN: '127.0.0.1:80' }, file: fileOf({ listen: '127.0.0.1:80' }) }), {
    errors: [
      's.yaml:1:2: listen 127.0.0.1:80 and CROSSGATE_ADMIN 127.0.0.1:80 are the same address: give each a port of its own, or say --admin off',
    ],
  })
  t.same(clash({ env: { CROSSGATE_REQUEST_TIMEOUT: '1s' }, file: fileOf({ headersTimeout: '2s' }) }), {
    errors: [
      's.yaml:1:2: headersTimeout: it must not be longer than CROSSGATE_REQUEST_TIMEOUT, which it is a part of',
    ],
  })
})

t.test('two listeners on one port are refused before either is opened', async t => {
  for (const [listen, admin, clash] of [
    ['127.0.0.1:9901', undefined, true],
    ['127.0.0.1:8080', '127.0.0.1:8080', true],
    ['0.0.0.0:8080', '127.0.0.1:8080', true],
    ['127.0.0.1:8080', '[::]:8080', true],
    ['localhost:8080', '127.0.0.1:8080', true],
    ['[::1]:8080', 'localhost:8080', true],
    ['gateway:8080', 'Gateway:8080', true],
    ['0.0.0.0:8080', '[::1]:8080', false],
    ['127.0.0.1:8080', '127.0.0.2:8080', false],
    ['127.0.0.1:0', '127.0.0.1:0', false],
    ['127.0.0.1:8080', 'off', false],
    ['127.0.0.1:8080', '127.0.0.1:8081', false],
  ] as const) {
    const result = read({ listen, admin })
    t.equal('errors' in result, clash, `${listen} and ${admin}`)
    if (clash) t.match(result, { errors: [/^--listen .* and --admin .* are the same address: give each/] })
  }
})

t.test('a variable that is nearly one of ours is told, and no other', async t => {
  for (const [name, meant] of [
    ['CROSSGATE_BODYLIMIT', 'CROSSGATE_BODY_LIMIT'],
    ['CROSSGATE_LISTN', 'CROSSGATE_LISTEN'],
    ['CROSSGATE_SETTING', 'CROSSGATE_SETTINGS'],
    ['CROSSGATE_LOGLEVEL', 'CROSSGATE_LOG_LEVEL'],
    ['CROSSGATE_HOST', 'CROSSGATE_LISTEN'],
    ['CROSSGATE_POLICY_FILE', 'CROSSGATE_POLICY'],
    ['CROSSGATE_CONFIG', 'CROSSGATE_POLICY'],
  ] as const) {
    t.match(misspeltVariables({ [name]: '1' }), [
      `the variable ${name} is no setting and was ignored; did you mean ${meant}?`,
    ])
  }
  const ofServices = ['CROSSGATE', 'CROSSGATE_ADMIN', 'CROSSGATE_LISTEN', 'CROSSGATE_EDGE'].flatMap(
    service => [
      `${service}_SERVICE_HOST`,
      `${service}_SERVICE_PORT`,
      `${service}_SERVICE_PORT_HTTP_METRICS`,
      `${service}_PORT`,
      ...['', '_PROTO', '_PORT', '_ADDR'].map(end => `${service}_PORT_9901_TCP${end}`),
    ],
  )
  const silent = [
    ...ofServices,
    ...SETTINGS.map(variableOf),
    'CROSSGATE_SETTINGS',
    'CROSSGATE_OWNER',
    'CROSSGATE_TIMEOUT',
    'BODYLIMIT',
  ]
  t.strictSame(misspeltVariables(Object.fromEntries(silent.map(name => [name, '1']))), [])
})

t.test('what looks like more than was meant is refused', async t => {
  for (const trustedProxies of ['10.0.0.0/', '0.0.0.0/0', '::/0', '10.0.0.0/8/9', '10.0.0.0/0x8', 'host/8']) {
    t.match(read({ trustedProxies }), { errors: [/is not an address or CIDR/] }, trustedProxies)
  }
  t.match(read({ listen: ':9000' }), { errors: [/names no host: say 127.0.0.1:9000/] })
  for (const adminHosts of ['http://x', '*.svc', 'foo:99', '[::1]', 'a..b', '.a', '-a', 'müller.example'])
    t.match(read({ adminHosts }), { errors: [/^--admin-hosts: ".*" is not a host name/] }, adminHosts)
  t.match(read({ adminHosts: 'A.internal, _svc.b-c.d. ::1' }), {
    settings: { adminHosts: ['a.internal', '_svc.b-c.d.', '::1'] },
  })
  t.match(read({ headersTimeout: '10m' }), { errors: [/must not be longer than --request-timeout/] })
  t.match(read({ drainTimeout: '1000h' }), { errors: [/longer than 24h/] })
})

t.test('every setting has a row in the docs, with its default', async t => {
  const docs = readFileSync(resolve(import.meta.dirname, '../docs/settings.md'), 'utf8')
  for (const spec of SETTINGS) {
    const fallback =
      spec.fallback === undefined ? 'required' : spec.fallback === '' ? 'none' : `\`${spec.fallback}\``
    t.ok(docs.includes(`| \`${flagOf(spec)}\` | ${fallback} |`), flagOf(spec))
    t.match(variableOf(spec), /^CROSSGATE_[A-Z_]+$/)
  }
})
