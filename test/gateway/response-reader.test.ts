import { Agent, request } from 'node:http'
import { Duplex } from 'node:stream'
import t from 'tap'
import { type ResponseEvents, ResponseReader } from '../../src/gateway/upstream/response-reader.js'
import { mutate, pick, randomFrom } from '../fuzz/mutate.js'

interface Reading {
  /** Undefined where the response never became whole. */
  readonly status: number | undefined
  readonly headers: readonly string[]
  readonly body: string
  readonly whole: boolean
  readonly reusable: boolean
  readonly refused: string | undefined
  /** Bytes that were the response's. */
  readonly length: number
}

/** Reads the bytes in the pieces given, then the end of the connection. */
function readAll(pieces: readonly Buffer[], method = 'GET', ends = true): Reading {
  let status: number | undefined
  let headers: readonly string[] = []
  let body = ''
  let whole = false
  let refused: string | undefined
  let length = 0
  const events: ResponseEvents = {
    onResponseStarted() {},
    onHeaders(code, lines) {
      status = code
      headers = lines
    },
    onData(chunk) {
      body += chunk.toString('latin1')
    },
    onComplete() {
      whole = true
    },
  }
  const reader = new ResponseReader(events)
  reader.begin(method)
  try {
    for (const piece of pieces) length += reader.read(piece)
    if (ends && !whole) reader.end()
  } catch (error) {
    refused = (error as Error).message
  }
  return { status, headers, body, whole, reusable: refused === undefined && reader.reusable, refused, length }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const read = (text: string, method?: string): Reading => readAll([bytes(text)], method)

const OK = 'HTTP/1.1 200 OK\r\n'

t.test('each framing, and whether the connection is good for another', async t => {
  const table: readonly [string, string, string, boolean, boolean, string?][] = [
    ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, 'hello', true, true],
    ['no body', `${OK}Content-Length: 0\r\n\r\n`, '', true, true],
    ['too short', `${OK}Content-Length: 6\r\n\r\nhello`, 'hello', false, false],
    ['too long', `${OK}Content-Length: 4\r\n\r\nhello`, 'hell', true, false],
    ['close', `${OK}Content-Length: 5\r\nConnection: foo, Close\r\n\r\nhello`, 'hello', true, false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello', true, false],
    ['until the end', `${OK}\r\nhello`, 'hello', true, false],
    [
      'chunks',
      `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n`,
      'hello',
      true,
      true,
    ],
    ['trailers', `${OK}Transfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n`, 'x', true, true],
    ['chunks cut', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`, 'hel', false, false],
    ['more behind chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP`, '', true, false],
    ['HEAD', `${OK}Content-Length: 5\r\n\r\n`, '', true, false, 'HEAD'],
    ['304', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', '', true, true],
    ['304 that announces', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '', true, false],
    ['204 that announces', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', '', true, false],
    ['204 in chunks', 'HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n', '', true, false],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', '', true, true],
    ['204 with a body', 'HTTP/1.1 204 No Content\r\n\r\nx', '', true, false],
    ['1xx before', `HTTP/1.1 103 Early\r\nLink: x\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`, 'x', true, true],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', '', true, true],
  ]
  for (const [what, text, body, whole, reusable, method] of table) {
    t.match(read(text, method), { body, whole, reusable, refused: undefined }, what)
    for (let at = 1; at < text.length; at++) {
      const halves = [bytes(text.slice(0, at)), bytes(text.slice(at))]
      t.match(readAll(halves, method), { body, whole, reusable, refused: undefined }, `${what}, cut at ${at}`)
    }
    const single = Array.from(text, character => bytes(character))
    t.match(readAll(single, method), { body, whole, reusable, refused: undefined }, `${what}, byte by byte`)
  }
})

t.test('what two readers could read differently is malformed', async t => {
  const table: Record<string, string> = {
    'another protocol': 'HTTP/2 200 OK\r\n\r\n',
    'status of two digits': 'HTTP/1.1 99 x\r\n\r\n',
    'status 099': 'HTTP/1.1 099 x\r\n\r\n',
    garbage: 'SSH-2.0-OpenSSH\r\n\r\n',
    'a space before the colon': `${OK}Content-Length : 1\r\n\r\nx`,
    'a folded line': `${OK}X: a\r\n b\r\n\r\n`,
    'a bare LF': `${OK}X: a\nY: b\r\n\r\n`,
    'a bare CR': `${OK}X: a\rY: b\r\n\r\n`,
    'a NUL': `${OK}X: a\0\r\n\r\n`,
    'no name': `${OK}: a\r\n\r\n`,
    'no colon': `${OK}what\r\n\r\n`,
    'two lengths': `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`,
    'a list of lengths': `${OK}Content-Length: 1, 1\r\n\r\nx`,
    'a signed length': `${OK}Content-Length: +1\r\n\r\nx`,
    'a hexadecimal length': `${OK}Content-Length: 0x1\r\n\r\nx`,
    'an empty length': `${OK}Content-Length:\r\n\r\nx`,
    'an enormous length': `${OK}Content-Length: 99999999999999999999\r\n\r\nx`,
    'length and chunks': `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'another coding': `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    'chunks twice': `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a signed chunk size': `${OK}Transfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n0\r\n\r\n`,
    'a chunk size with 0x': `${OK}Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n`,
    'an empty chunk size': `${OK}Transfer-Encoding: chunked\r\n\r\n\r\nx\r\n0\r\n\r\n`,
    'an enormous chunk size': `${OK}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx`,
    'a chunk size with a bare LF': `${OK}Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n`,
    'a chunk that is too long': `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n`,
    'a chunk with a bare LF': `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n`,
    'a malformed trailer': `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n a\r\n\r\n`,
    'an endless head': `${OK}${'X: y\r\n'.repeat(11_000)}`,
    'an endless line': `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(17_000)}`,
    'endless trailers': `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: y\r\n'.repeat(17_000)}`,
  }
  for (const [what, text] of Object.entries(table)) {
    t.type(read(text).refused, 'string', what)
    t.equal(read(text).reusable, false, `${what}: its connection is not used again`)
  }
})

t.test('a response that nobody asked for is not the next one', async t => {
  let completed = 0
  const reader = new ResponseReader({
    onResponseStarted() {},
    onHeaders() {},
    onData() {},
    onComplete: () => completed++,
  })
  reader.begin('GET')
  reader.read(bytes(`${OK}Content-Length: 0\r\n\r\n`))
  t.equal(reader.reusable, true)
  t.equal(reader.read(bytes(`${OK}Content-Length: 0\r\n\r\n`)), 0)
  t.same([reader.reusable, completed], [false, 1])
})

t.test('after 101 the rest is another protocol', async t => {
  const reader = new ResponseReader({ onResponseStarted() {}, onHeaders() {}, onData() {}, onComplete() {} })
  reader.begin('GET')
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'
  t.equal(reader.read(bytes(`${head}\x81\x00`)), head.length)
  t.equal(reader.read(bytes('\x81\x00')), 0)
})

t.test("what is accepted reads as Node's own client reads it", async t => {
  const random = randomFrom(20_261_122)
  let accepted = 0
  let refused = 0
  for (let round = 0; round < 3_000; round++) {
    const seed = pick(SEEDS, random)
    const text = random() < 0.1 ? seed : mutate(seed, SCRAPS, random)
    const ours = read(text)
    if (!ours.whole || ours.refused !== undefined || ours.status === 101) {
      refused++
      continue
    }
    accepted++
    // What comes behind is not asked about: Node drops the response with it, and we its connection.
    const theirs = await nodeReads(text.slice(0, ours.length))
    if (theirs === undefined) t.fail(`only we accept ${JSON.stringify(text)}`)
    else if (theirs.status !== ours.status || theirs.body !== ours.body)
      t.same({ status: ours.status, body: ours.body }, theirs, JSON.stringify(text))
    else if (JSON.stringify(theirs.headers) !== JSON.stringify(ours.headers))
      t.same(ours.headers, theirs.headers, JSON.stringify(text))
  }
  t.ok(accepted > 300 && refused > 300, `${accepted} accepted, ${refused} refused`)
})

const SEEDS = [
  `${OK}Content-Length: 5\r\nX-A: b\r\n\r\nhello`,
  `${OK}Transfer-Encoding: chunked\r\nX: \r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: u\r\n\r\n`,
  `${OK}Connection: close\r\nSet-Cookie: a=b; Path=/\r\n\r\nhello`,
  'HTTP/1.0 404 Not Found\r\nContent-Length: 2\r\n\r\nno',
  `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 7\r\n\r\n',
]
const SCRAPS = [
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  ':',
  ',',
  '0',
  '5',
  'f',
  ';',
  '\0',
  '\xff',
  'chunked',
  'close',
  '-',
]

function nodeReads(text: string): Promise<{ status: number; headers: string[]; body: string } | undefined> {
  const wire = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      this.push(bytes(text))
      this.push(null)
      done()
    },
  })
  return new Promise(resolve => {
    const agent = new Agent()
    agent.createConnection = () => wire
    const sent = request({ agent, path: '/', headers: { Host: 'x' } }, response => {
      let body = ''
      response.setEncoding('latin1').on('data', (part: string) => {
        body += part
      })
      response.once('error', () => resolve(undefined))
      response.once('end', () =>
        resolve(
          response.complete
            ? { status: response.statusCode!, headers: response.rawHeaders, body }
            : undefined,
        ),
      )
    })
    sent.once('error', () => resolve(undefined))
    sent.end()
  })
}
