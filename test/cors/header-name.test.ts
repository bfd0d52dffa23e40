import fc from 'fast-check'
import t from 'tap'
import { isSafelistedRequestHeader } from '../../src/cors/browser/safelisted-request-header.js'
import {
  isCorsResponseHeader,
  isForbiddenRequestHeader,
  isForbiddenResponseHeader,
  isSafelistedResponseHeader,
  MAX_LIST_BYTES,
  MAX_LIST_NAMES,
  parseHeaderNames,
} from '../../src/cors/header-name.js'
import { isAskableMethod, isForbiddenMethod, isSafelistedMethod } from '../../src/cors/method.js'
import { mergeVary } from '../../src/cors/vary.js'
import { millisOf } from './cost.js'

t.test('a list of header names, as RFC 9110 section 5.6.1 has it', async t => {
  const rows: readonly [description: string, value: string, names: readonly string[] | undefined][] = [
    ['nothing', '', []],
    ['one', 'x-a', ['x-a']],
    ['two', 'x-a,x-b', ['x-a', 'x-b']],
    ['in their order', 'x-b,x-a', ['x-b', 'x-a']],
    ['in any case', 'X-A,Content-TYPE', ['x-a', 'content-type']],
    ['spaces and tabs around the comma', ' x-a \t,\t x-b ', ['x-a', 'x-b']],
    ['empty elements', ',,x-a,, ,x-b,', ['x-a', 'x-b']],
    ['commas alone', ', ,\t,,', []],
    ['white space alone', ' \t ', []],
    ['twice the same', 'x-a,X-A,x-b', ['x-a', 'x-b']],
    ['every character of a token', "!#$%&'*+-.^_`|~09az", ["!#$%&'*+-.^_`|~09az"]],
    [
      'names like those of properties',
      '__proto__,constructor,toString',
      ['__proto__', 'constructor', 'tostring'],
    ],
    ['* is a token', '*', ['*']],
    ['a space in a name', 'x a', undefined],
    ['a separator', 'x-a;x-b', undefined],
    ['a colon', 'x-a:', undefined],
    ['a quoted string', '"x-a"', undefined],
    ['a line end', 'x-a\r\nx-b', undefined],
    ['NUL', 'x-a\0', undefined],
    ['a space that is none in HTTP', '\u00a0x-a', undefined],
    ['a vertical tab', '\vx-a', undefined],
    ['raw Unicode', 'x-\u00e9', undefined],
    ['one bad name among good ones', 'x-a,x b,x-c', undefined],
    ['64 names', names(MAX_LIST_NAMES), names(MAX_LIST_NAMES).split(',')],
    ['65 names', names(MAX_LIST_NAMES + 1), undefined],
    ['64 names, one of them twice', `${names(MAX_LIST_NAMES)},x-0`, names(MAX_LIST_NAMES).split(',')],
    ['a name of 4 KB', 'a'.repeat(MAX_LIST_BYTES), ['a'.repeat(MAX_LIST_BYTES)]],
    ['a byte more', 'a'.repeat(MAX_LIST_BYTES + 1), undefined],
  ]
  for (const [description, value, expected] of rows)
    t.strictSame(parseHeaderNames(value), expected, description)
})

t.test('fuzz: the list that was joined is the list that is read', async () => {
  const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/)
  const gap = fc.stringMatching(/^[ \t]{0,3}(,[ \t]{0,2}){1,3}$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(name, gap), { maxLength: 30 }), pairs => {
      const expected = [...new Set(pairs.map(([name]) => name.toLowerCase()))]
      const read = parseHeaderNames(pairs.map(pair => pair.join('')).join(''))
      return JSON.stringify(read) === JSON.stringify(expected)
    }),
    { numRuns: 3_000 },
  )
})

// GHSA-mh55-gqvf-xfwm. The promise is 2 ms and 256 KB for each (promises.md, C6).
t.test('a hostile list costs at most 2 ms', async t => {
  const rows: readonly [description: string, value: string][] = [
    ['16 KB of commas', ','.repeat(16_384)],
    ['4 KB of commas', ','.repeat(4096)],
    ['4 KB of white space', ' '.repeat(4096)],
    ['white space and commas', ' ,'.repeat(2048)],
    ['a name, then white space, then a letter', `a${' \t'.repeat(2000)}b`],
    ['4,000 names', names(4000)],
    ['2,048 names of one letter', 'a,'.repeat(2048)],
    ['1 MB of names', 'x,'.repeat(524_288)],
  ]
  for (const [description, value] of rows) {
    const millis = millisOf(() => parseHeaderNames(value))
    t.ok(millis < 2, `${description} took ${millis.toFixed(3)} ms`)
  }
})

t.test('Vary is merged', async t => {
  const origin = ['Origin']
  const three = ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers']
  const rows: readonly [string, string | undefined, readonly string[], string | undefined][] = [
    ['nothing and nothing', undefined, [], undefined],
    ['nothing there', undefined, origin, 'Origin'],
    ['an empty value there', '', origin, 'Origin'],
    ['nothing to add', 'Accept', [], 'Accept'],
    ['nothing to add to an empty value', '', [], undefined],
    ['another there', 'Accept-Encoding', origin, 'Accept-Encoding, Origin'],
    ['Origin there', 'Origin', origin, 'Origin'],
    ['Origin there in another case', 'origin', origin, 'origin'],
    ['Origin in the middle', 'Accept , ORIGIN,Accept-Encoding', origin, 'Accept , ORIGIN,Accept-Encoding'],
    ['a name that only contains it', 'X-Origin, Original', origin, 'X-Origin, Original, Origin'],
    ['a name that no cache reads as it', 'Origin\xa0', origin, 'Origin\xa0, Origin'],
    ['* covers everything', '*', origin, '*'],
    ['what no cache reads as *', '\xa0*', origin, '\xa0*, Origin'],
    ['* among others', 'Accept, *', origin, 'Accept, *'],
    ['three', 'Accept', three, `Accept, ${three.join(', ')}`],
    [
      'some of three',
      'access-control-request-method',
      three,
      'access-control-request-method, Origin, Access-Control-Request-Headers',
    ],
    ['names like those of properties', '__proto__', ['constructor'], '__proto__, constructor'],
  ]
  for (const [description, current, add, expected] of rows)
    t.equal(mergeVary(current, add), expected, description)
})

t.test('header names that mean something', async t => {
  const same = (what: (name: string) => boolean, yes: readonly string[], no: readonly string[]) => {
    for (const name of yes) t.ok(what(name) && what(name.toUpperCase()), `${what.name} ${name}`)
    for (const name of no) t.notOk(what(name) || what(name.toUpperCase()), `not ${what.name} ${name}`)
  }
  const innocent = ['x-a', 'authorization', 'constructor', '__proto__', '']
  same(
    isForbiddenRequestHeader,
    [
      // Fetch, "forbidden request-header", in its order
      ...[
        'accept-charset',
        'accept-encoding',
        'access-control-request-headers',
        'access-control-request-method',
      ],
      ...['connection', 'content-length', 'cookie', 'cookie2', 'date', 'dnt', 'expect', 'host', 'keep-alive'],
      ...['origin', 'referer', 'set-cookie', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via'],
      ...['proxy-x', 'sec-x', 'proxy-', 'sec-', 'access-control-request-private-network'],
    ],
    [...innocent, 'proxy', 'sec', 'x-sec-a', 'accept', 'user-agent', 'content-type'],
  )
  same(
    isCorsResponseHeader,
    ['access-control-allow-origin', 'access-control-anything', 'access-control-', 'timing-allow-origin'],
    [...innocent, 'access-control', 'x-access-control-allow-origin', 'timing-allow-origin-x', 'vary'],
  )
  same(
    isSafelistedResponseHeader,
    [
      'cache-control',
      'content-language',
      'content-length',
      'content-type',
      'expires',
      'last-modified',
      'pragma',
    ],
    [...innocent, 'etag', 'set-cookie'],
  )
  same(isForbiddenResponseHeader, ['set-cookie', 'set-cookie2'], [...innocent, 'cookie', 'etag'])
})

t.test('methods', async t => {
  const rows: readonly [method: string, askable: boolean, safelisted: boolean, forbidden: boolean][] = [
    ['GET', true, true, false],
    ['HEAD', true, true, false],
    ['POST', true, true, false],
    ['PUT', true, false, false],
    ['get', true, false, false],
    ['PURGE', true, false, false],
    ['constructor', true, false, false],
    ['CONNECT', false, false, true],
    ['trace', false, false, true],
    ['TRACK', false, false, true],
    ['*', false, false, false],
    ['', false, false, false],
    ['GET ', false, false, false],
    ['GET,PUT', false, false, false],
  ]
  for (const [method, askable, safelisted, forbidden] of rows) {
    t.equal(isAskableMethod(method), askable, `askable: ${method}`)
    t.equal(isSafelistedMethod(method), safelisted, `safelisted: ${method}`)
    t.equal(isForbiddenMethod(method), forbidden, `forbidden: ${method}`)
  }
})

function names(count: number): string {
  return Array.from({ length: count }, (_, index) => `x-${index}`).join(',')
}

t.test('request headers that a page may set without asking, by their values', async t => {
  const rows: readonly [name: string, safe: readonly string[], unsafe: readonly string[]][] = [
    [
      'Accept',
      ['', 'text/html, */*;q=0.8', 'a\tb', 'x'.repeat(128)],
      ['a"b', 'a(b', 'a\x00b', 'x'.repeat(129)],
    ],
    ['accept-language', ['de-DE, en;q=0.5', '*'], ['de_DE', 'en\tde', 'd\u00e9']],
    ['Content-Language', ['en'], ['e:n']],
    [
      'CONTENT-TYPE',
      [
        'text/plain',
        'Text/Plain ; charset=utf-8',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
      ],
      ['application/json', 'text/html', '', 'text/plain; charset="utf-8"', 'text/plain, application/json'],
    ],
    [
      'Range',
      ['bytes=0-', 'bytes=0-99', 'bytes=5-5', 'bytes=999999999999999998-999999999999999999'],
      [
        'bytes=5-3',
        'bytes=99999999999999999999-',
        'bytes=-99',
        'bytes=0-1,2-3',
        'items=0-1',
        ' bytes=0-1',
        'bytes=0-1x',
      ],
    ],
    ['X-Any', [], ['']],
    ['authorization', [], ['x']],
  ]
  for (const [name, safe, unsafe] of rows) {
    for (const value of safe) t.ok(isSafelistedRequestHeader(name, value), `${name}: ${value}`)
    for (const value of unsafe) t.notOk(isSafelistedRequestHeader(name, value), `${name}: ${value}`)
  }
})

t.test('a header that overrides the method is forbidden by its value', async t => {
  for (const name of ['X-HTTP-Method', 'x-http-method-override', 'X-Method-Override']) {
    for (const value of ['TRACE', 'GET, connect', ' track'])
      t.ok(isForbiddenRequestHeader(name, value), `${name}: ${value}`)
    for (const value of ['', 'DELETE', 'TRACES'])
      t.notOk(isForbiddenRequestHeader(name, value), `${name}: ${value}`)
  }
  t.notOk(isForbiddenRequestHeader('x-a', 'TRACE'))
})
