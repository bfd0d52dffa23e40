import t from 'tap'
import { joinSmall } from '../../src/gateway/exchange/join-small.js'
import { rawClient } from '../helpers/raw-client.js'
import { always, rawUpstream } from '../helpers/raw-upstream.js'
import { GET, gateway } from './bare-transport.js'

// What an upstream sends in chunks of one byte costs its client, and the memory of a gateway whose client does not read,
// as many writes unless the chunks of one read go on together.

const COUNT = 20_000
const CHUNKS = '1\r\nx\r\n'.repeat(COUNT)
const START = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

t.test('chunks of one byte go on together, byte for byte', async t => {
  const upstream = await rawUpstream(t, always(`${START}${CHUNKS}5\r\nlast!\r\n0\r\n\r\n`))
  const { port, outcome } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  let received = 0
  client.socket.on('data', chunk => {
    received += chunk.length
  })
  client.send(GET)
  const { body, complete, head } = await client.response()
  t.equal(body.toString(), `${'x'.repeat(COUNT)}last!`)
  t.ok(complete)
  const framing = received - head.length - body.length
  t.ok(framing < 500, `${framing} bytes of framing: a chunk each would be ${COUNT * 5}`)
  t.match(await outcome(), { result: 'complete', status: 200 })
})

t.test('what was whole before a malformed chunk is shown, and then the cut', async t => {
  for (const [before, start] of [
    ['behind the head', START],
    ['in a later read', `${START}1\r\ny\r\n`],
  ] as const) {
    const upstream = await rawUpstream(t, async connection => {
      await connection.request()
      if (start === START) connection.write(`${START}1\r\nx\r\n1\r\nx\r\nno size\r\n`)
      else connection.socket.write(start, () => setImmediate(() => connection.write('1\r\nx\r\nno size\r\n')))
    })
    const { port, outcome } = await gateway(t, upstream.origin)
    const client = await rawClient(t, port)
    client.send(GET)
    const { status, body, complete } = await client.response()
    t.same([status, body.toString(), complete], [200, start === START ? 'xx' : 'yx', false], before)
    t.match(await outcome(), { result: 'cut' })
  }
})

t.test('only small pieces are copied', async t => {
  const small = (text: string) => Buffer.from(text)
  const large = Buffer.alloc(8_192, 'l')
  const single = [small('alone')]
  t.equal(joinSmall(single), single, 'a piece alone stays what it is')
  t.same(joinSmall([]), [])
  const joined = joinSmall([small('a'), small('b'), large, large, small('c'), large, small('d'), small('e')])
  t.same(joined.map(String), ['ab', large, large, 'c', large, 'de'].map(String))
  t.ok([1, 2, 4].every(index => joined[index] === large))
})
