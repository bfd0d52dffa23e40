import fc from 'fast-check'
import t from 'tap'
import { defaultPort, ownOrigin, parseOrigin } from '../../src/cors/origins/origin.js'

t.test('a serialised origin is cut, not changed', async t => {
  const rows: readonly [text: string, scheme: string, host: string, port: string][] = [
    ['https://shop.example', 'https', 'shop.example', ''],
    ['http://shop.example:8080', 'http', 'shop.example', '8080'],
    ['http://shop.example:443', 'http', 'shop.example', '443'],
    ['https://shop.example:80', 'https', 'shop.example', '80'],
    ['https://shop.example:0', 'https', 'shop.example', '0'],
    ['https://shop.example:65535', 'https', 'shop.example', '65535'],
    ['http://localhost:3000', 'http', 'localhost', '3000'],
    ['http://127.0.0.1', 'http', '127.0.0.1', ''],
    ['https://[::1]', 'https', '[::1]', ''],
    ['https://[2001:db8::1]:8443', 'https', '[2001:db8::1]', '8443'],
    ['capacitor://localhost', 'capacitor', 'localhost', ''],
    [
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      'chrome-extension',
      'abcdefghijklmnopabcdefghijklmnop',
      '',
    ],
    ['git+ssh://a:22', 'git+ssh', 'a', '22'],
    ['https://xn--bcher-kva.example', 'https', 'xn--bcher-kva.example', ''],
    ['https://a_b.example', 'https', 'a_b.example', ''],
    ['https://shop.example.', 'https', 'shop.example.', ''],
    [`https://${'a'.repeat(253)}`, 'https', 'a'.repeat(253), ''],
  ]
  for (const [text, scheme, host, port] of rows)
    t.strictSame(parseOrigin(text), { text, scheme, host, port }, text)
})

t.test('what no browser sends is no origin', async t => {
  const rows: readonly [description: string, text: string][] = [
    ['nothing', ''],
    ['null is not a tuple', 'null'],
    ['a wildcard', '*'],
    ['no scheme', 'shop.example'],
    ['half a scheme', '//shop.example'],
    ['one slash', 'https:/shop.example'],
    ['three slashes', 'https:///shop.example'],
    ['no host', 'https://'],
    ['a port alone', 'https://:8443'],
    ['a scheme in upper case', 'HTTPS://shop.example'],
    ['a scheme that starts with a digit', '1https://shop.example'],
    ['a host in upper case', 'https://Shop.example'],
    ['the default port of https', 'https://shop.example:443'],
    ['the default port of http', 'http://shop.example:80'],
    ['the default port of ws', 'ws://shop.example:80'],
    ['the default port of wss', 'wss://shop.example:443'],
    ['an empty port', 'https://shop.example:'],
    ['a port with a leading zero', 'https://shop.example:08443'],
    ['a port that is too high', 'https://shop.example:65536'],
    ['a long port', 'https://shop.example:100000'],
    ['a port with a sign', 'https://shop.example:+1'],
    ['two ports', 'https://shop.example:1:2'],
    ['user info', 'https://user@shop.example'],
    ['user info with a password', 'https://user:pass@shop.example'],
    ['empty user info', 'https://@shop.example'],
    ['a trailing slash', 'https://shop.example/'],
    ['a path', 'https://shop.example/x'],
    ['a query', 'https://shop.example?x'],
    ['a fragment', 'https://shop.example#x'],
    ['a backslash', 'https://shop.example\\x'],
    ['two origins with a comma', 'https://a.example, https://b.example'],
    ['two origins with a comma and no space', 'https://a.example,https://b.example'],
    ['a comma', 'https://a.example,b.example'],
    ['two origins with a space', 'https://a.example https://b.example'],
    ['white space before', ' https://shop.example'],
    ['white space after', 'https://shop.example '],
    ['a line end', 'https://shop.example\n'],
    ['NUL', 'https://shop.example\0'],
    ['raw Unicode', 'https://b\u00fccher.example'],
    ['UTF-8 as a header reads it', 'https://b\u00c3\u00bccher.example'],
    ['a percent', 'https://shop%2eexample'],
    ['an empty label', 'https://shop..example'],
    ['a leading dot', 'https://.shop.example'],
    ['a bracket that stays open', 'https://[::1'],
    ['a bracket that was never opened', 'https://::1]'],
    ['something after the bracket', 'https://[::1]x'],
    ['an address without brackets', 'https://::1'],
    ['an address in upper case', 'https://[::A]'],
    ['an address with a zone', 'https://[fe80::1%25eth0]'],
    ['a host over 253 characters', `https://${'a'.repeat(254)}`],
    ['over 4 KB', `https://${'a'.repeat(4090)}`],
    ['a scheme that makes it over 4 KB', `${'a'.repeat(4090)}://host`],
    ['far over 4 KB', `https://${'a.'.repeat(50_000)}`],
  ]
  for (const [description, text] of rows) t.equal(parseOrigin(text), undefined, description)
})

t.test('every byte at every place: a browser would have sent just that, or it is refused', async t => {
  const wrong: string[] = []
  let accepted = 0
  for (const text of [
    'https://shop.example',
    'http://a.b:8080',
    'https://[2001:db8::1]:1',
    'https://192.0.2.1',
  ]) {
    for (let place = 0; place <= text.length; place++) {
      for (let byte = 0; byte <= 0xff; byte++) {
        const changed = text.slice(0, place) + String.fromCharCode(byte) + text.slice(place)
        const scheme = parseOrigin(changed)?.scheme
        if (scheme !== 'http' && scheme !== 'https') continue
        accepted++
        if (!isAsSerialised(changed)) wrong.push(changed)
      }
    }
  }
  t.strictSame(wrong, [])
  t.ok(accepted > 500, `${accepted} were accepted, so that yes was tried as well as no`)
})

t.test('fuzz: nothing is accepted that a browser would have spelled otherwise', async () => {
  const piece = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'https://',
        'http://',
        'shop',
        '.',
        'example',
        ':',
        '443',
        '80',
        '8443',
        'a',
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '@',
        '/',
        '\\',
        '?',
        '#',
        '%2e',
        '%00',
        ' ',
        '\t',
        '\r\n',
        ',',
        ';',
        '|',
        '^',
        '<',
        '>',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '`',
        '{',
        '}',
        '~',
        '!',
        '$',
        '&',
        "'",
        '"',
        '(',
        ')',
        '*',
        '+',
        '=',
        '_',
        '-',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '[',
        ']',
        '[::1]',
        '[1::]',
        '127.0.0.1',
        'xn--',
        'xn--bcher-kva',
        'A',
        '\u00fc',
        '\u3002',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
  )
  const text = fc
    .tuple(
      fc.constantFrom('', 'https://', 'http://', 'https://shop.example'),
      fc.array(piece, { maxLength: 8 }),
    )
    .map(([start, pieces]) => start + pieces.join(''))
  fc.assert(
    fc.property(text, header => {
      const origin = parseOrigin(header)
      if (origin === undefined) return true
      const { scheme, host, port } = origin
      if (header !== `${scheme}://${host}${port === '' ? '' : `:${port}`}`) return false
      return !/^https?$/.test(scheme) || isAsSerialised(header)
    }),
    { numRuns: 20_000 },
  )
})

t.test('fuzz: what a browser sends is accepted', async () => {
  const authority = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map(address => `[${address}]`),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('http', 'https'),
      authority,
      fc.option(fc.nat(65535)),
      (scheme, host, port) => {
        const { origin } = new URL(`${scheme}://${host}${port === null ? '' : `:${port}`}`)
        return parseOrigin(origin)?.text === origin
      },
    ),
    { numRuns: 5_000 },
  )
})

t.test('the own origin is the one under which a browser knows this server', async t => {
  const rows: readonly ['http' | 'https', string, string | undefined][] = [
    ['http', 'api.example', 'http://api.example'],
    ['https', 'api.example', 'https://api.example'],
    ['https', 'API.Example', 'https://api.example'],
    ['http', 'api.example:80', 'http://api.example'],
    ['https', 'api.example:443', 'https://api.example'],
    ['http', 'api.example:443', 'http://api.example:443'],
    ['http', 'api.example:8080', 'http://api.example:8080'],
    ['http', '[::1]:8080', 'http://[::1]:8080'],
    ['http', '', undefined],
    ['http', ':80', undefined],
  ]
  for (const [scheme, host, expected] of rows) t.equal(ownOrigin(scheme, host), expected, `${scheme} ${host}`)
})

t.test('default ports', async t => {
  for (const [scheme, port] of [
    ['http', '80'],
    ['https', '443'],
    ['ws', '80'],
    ['wss', '443'],
    ['ftp', '21'],
  ] as const) {
    t.equal(defaultPort(scheme), port)
    t.not(new URL(`${scheme}://a:${port}`).href.includes(`:${port}`), true, `as URL has it for ${scheme}`)
  }
  t.equal(defaultPort('capacitor'), '')
  t.equal(defaultPort('constructor'), '')
})

/**
 * True where the URL parser gives the very text back. Two things are left to the allowlist, whose entries are spelled
 * as browsers spell them: another spelling of an address, and punycode that decodes to nothing. Neither names a
 * host that a page could have come from.
 */
function isAsSerialised(text: string): boolean {
  const host = text.replace(/^[a-z]+:\/\//, '').replace(/:\d+$/, '')
  const leftToTheList =
    host.startsWith('[') || /(^|\.)(\d+|0x[\da-f]*)\.?$/.test(host) || host.includes('xn--')
  try {
    const { origin } = new URL(text)
    return (
      origin === text ||
      (leftToTheList && isAddress(new URL(text).hostname) && origin.startsWith(text.slice(0, 5)))
    )
  } catch {
    return leftToTheList
  }
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
}
