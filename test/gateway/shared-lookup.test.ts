import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { type Resolve, sharedLookup } from '../../src/gateway/upstream/shared-lookup.js'
import { startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'

const NEVER_ANSWERED = `
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
for (const module of [dns, dns.promises]) {
  const { lookup } = module
  module.lookup = (hostname, ...rest) => {
    if (hostname !== 'bad.test') return lookup(hostname, ...rest)
    process.stderr.write('asked for bad.test\\n')
    return new Promise(() => {})
  }
}
syncBuiltinESMExports()`

const ADDRESSES: LookupAddress[] = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
]

t.test('a name that is not answered is looked up once, however many ask and give up', async t => {
  const { resolve, asked, answers } = asking()
  const lookup = sharedLookup(resolve)
  const port = await listening(t)
  for (let attempt = 0; attempt < 10; attempt++) {
    const socket = connect({ port, host: 'bad.test', lookup, autoSelectFamily: true })
    socket.on('error', () => {})
    await new Promise(setImmediate)
    socket.destroy()
  }
  t.same(asked, ['bad.test'])
  const other = connect({ port, host: 'good.test', lookup, autoSelectFamily: true })
  const again = connect({ port, host: 'bad.test', lookup, autoSelectFamily: true })
  t.same(asked, ['bad.test', 'good.test'], 'another name is not kept waiting')
  answers[1]!.resolve(ADDRESSES)
  await once(other, 'connect')
  answers[0]!.resolve(ADDRESSES)
  await once(again, 'connect')
  t.equal(again.remoteAddress, '127.0.0.1', 'the address that answers, of both families')
  other.destroy()
  again.destroy()
})

t.test('a good answer is kept for a moment', async t => {
  const { resolve, asked, answers } = asking()
  const lookup = sharedLookup(resolve)
  const ask = (options: object) =>
    new Promise(done => lookup('good.test', options, (_, ...answer) => done(answer)))
  const first = ask({ all: true })
  answers[0]!.resolve(ADDRESSES)
  t.same(await first, [ADDRESSES])
  t.same(await ask({}), ['::1', 6], 'who wants one gets the first')
  t.same(asked, ['good.test'])
  void ask({ family: 4 })
  t.same(asked, ['good.test', 'good.test'], 'another question is asked')
  while (asked.length === 2) {
    void ask({ all: true })
    await new Promise(done => setTimeout(done, 20))
  }
  t.same(asked[2], 'good.test', 'and the first one again after that')
})

t.test('what failed is not kept', async t => {
  const { resolve, asked, answers } = asking()
  const lookup = promisify(sharedLookup(resolve))
  const first = [lookup('bad.test', {}), lookup('bad.test', { all: true })]
  answers[0]!.reject(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }))
  for (const failed of first) await t.rejects(failed, { code: 'EAI_AGAIN' })
  const second = lookup('bad.test', { all: true })
  answers[1]!.resolve(ADDRESSES)
  t.same(await second, ADDRESSES)
  t.equal(asked.length, 2)
})

function asking() {
  const asked: string[] = []
  const answers: { resolve(addresses: LookupAddress[]): void; reject(error: Error): void }[] = []
  const resolve: Resolve = hostname => {
    asked.push(hostname)
    return new Promise((resolve, reject) => answers.push({ resolve, reject }))
  }
  return { resolve, asked, answers }
}

async function listening(t: Test): Promise<number> {
  const server = createServer(socket => socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('all connections to upstreams share it', async t => {
  const gateway = await startGateway(t, {
    policy: `version: 1
upstreams: { bad: { url: http://bad.test, timeouts: { connect: 200ms } } }
routes:
  - { id: bad, path: /**, upstream: bad, cors: [{ allowOrigins: [https://a.example], allowMethods: [GET] }] }
`,
    nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(NEVER_ANSWERED)}`],
  })
  for (let request = 0; request < 3; request++) t.equal((await send(gateway.port, {})).status, 504)
  t.equal(gateway.stderr().split('asked for bad.test').length - 1, 1)
})
