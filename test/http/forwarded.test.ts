import t from 'tap'
import { forwardedHeaders, type Hop, isAlias, isForwardingMetadata } from '../../src/http/forwarded.js'

const hop: Hop = { clientAddress: '192.0.2.1', host: 'api.shop.example', protocol: 'https', trusted: false }

function sent(changes: Partial<Hop>): Record<string, string> {
  const list = forwardedHeaders({ ...hop, ...changes })
  const names = list.filter((_, index) => index % 2 === 0)
  t.equal(new Set(names).size, names.length, 'each name once')
  return Object.fromEntries(names.map((name, index) => [name, list[index * 2 + 1]!]))
}

t.test('an untrusted peer adds nothing', async t => {
  t.same(sent({ receivedFor: '6.6.6.6' }), {
    'X-Forwarded-For': '192.0.2.1',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'api.shop.example',
    Forwarded: 'for=192.0.2.1;host=api.shop.example;proto=https',
  })
})

t.test('a trusted peer is extended', async t => {
  const headers = sent({ trusted: true, receivedFor: '198.51.100.7 , ,2001:db8::9' })
  t.equal(headers['X-Forwarded-For'], '198.51.100.7, 2001:db8::9, 192.0.2.1')
  t.equal(
    headers['Forwarded'],
    'for=198.51.100.7, for="[2001:db8::9]", for=192.0.2.1;host=api.shop.example;proto=https',
  )
  t.equal(sent({ trusted: true })['X-Forwarded-For'], '192.0.2.1', 'that sent none')
  const odd = '198.51.100.7\xa0, 192.0.2.1'
  t.equal(
    sent({ trusted: true, receivedFor: '198.51.100.7\xa0' })['X-Forwarded-For'],
    odd,
    'what is no whitespace stays',
  )
})

t.test('quoting of RFC 7239', async t => {
  const cases: [what: string, changes: Partial<Hop>, expected: string][] = [
    ['IPv6', { clientAddress: '2001:db8::1', host: '' }, 'for="[2001:db8::1]";proto=https'],
    ['a port', { host: 'a.test:8080' }, 'for=192.0.2.1;host="a.test:8080";proto=https'],
    ['a quote', { host: 'a"b\\' }, 'for=192.0.2.1;host="a\\"b\\\\";proto=https'],
    ['address and port', { clientAddress: '192.0.2.1:5', host: '' }, 'for="192.0.2.1:5";proto=https'],
    ['a backslash alone', { host: 'a\\b' }, 'for=192.0.2.1;host="a\\\\b";proto=https'],
    ['a quote alone', { host: 'a"b' }, 'for=192.0.2.1;host="a\\"b";proto=https'],
    ['IPv6 and port', { clientAddress: '[2001:db8::1]:5', host: '' }, 'for="[2001:db8::1]:5";proto=https'],
  ]
  for (const [what, changes, expected] of cases) t.equal(sent(changes)['Forwarded'], expected, what)
  t.notOk('X-Forwarded-Host' in sent({ host: '' }), 'no host, no header')
})

t.test('names that claim where a request came from', async t => {
  const names = `forwarded x-forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-anything
    forwarded-for x-original-forwarded-for client-ip true-client-ip x-client-ip x-cluster-client-ip x-real-ip
    proxy-client-ip wl-proxy-client-ip cf-connecting-ip cf-connecting-ipv6 fastly-client-ip x-originating-ip
    x-remote-addr x-remote-ip x-original-remote-addr x-envoy-external-address x-envoy-original-path proxy
    x-host x-http-host-override x-original-host x-original-method x-original-uri x-original-url x-rewrite-url
    x-scheme x-url-scheme front-end-https`.split(/\s+/)
  for (const name of names) t.ok(isForwardingMetadata(name), name)
  for (const name of ['host', 'via', 'origin', 'x-request-id', 'x-forward', 'my-x-forwarded-for'])
    t.notOk(isForwardingMetadata(name), name)
})

t.test('other spellings of names that matter', async t => {
  const aliases = `x_forwarded_for x.forwarded.for x-forwarded_for x_real_ip content_length content.type
    transfer_encoding proxy_authorization http2_settings keep_alive sec_fetch_site
    access_control_request_method x_request_id x_http_method x_http_method_override x_method_override`.split(
    /\s+/,
  )
  for (const name of aliases) t.ok(isAlias(name), name)
  for (const name of ['x-forwarded-for', 'my_header', 'my_content_type', 'x.trace.id', 'origin', '_', 'a.b'])
    t.notOk(isAlias(name), name)
})
