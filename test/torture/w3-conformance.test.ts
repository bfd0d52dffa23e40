import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { freePort } from '../helpers/free-port.js'
import { rawClient } from '../helpers/raw-client.js'
import { rawUpstream } from '../helpers/raw-upstream.js'
import { workDir } from '../helpers/work-dir.js'
import { frames } from './inputs/frames.js'
import { promise, type Row, WHOLE } from './promise.js'
import { ALLOWED, eventually, head, openRig, policyOf } from './rig.js'

const ROUTES = `  - id: socket
    path: /**
    upstream: api
    websocket: true
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET] }]
`

promise('W3', async (t, row) => {
  await framesPassUnchanged(t, row)
  if (WHOLE) await autobahn(t, row)
})

/** Whatever two endpoints say to each other behind the 101, right or wrong, is theirs to judge. */
async function framesPassUnchanged(t: Test, row: Row): Promise<void> {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    for (let byte = await connection.bytes(1); byte; byte = await connection.bytes(1)) {
      connection.write(byte)
    }
  })
  const { port } = await openRig(t, policyOf(upstream.origin, ROUTES))
  for (const [what, bytes] of frames()) {
    const client = await rawClient(t, port)
    client.send(
      head(
        'GET /echo HTTP/1.1',
        'Host: x',
        `Origin: ${ALLOWED}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ),
    )
    t.equal((await client.response()).status, 101)
    // In two pieces, wherever the second begins.
    const middle = Math.ceil(bytes.length / 2)
    client.send(bytes.subarray(0, middle))
    t.ok((await client.bytes(middle)).equals(bytes.subarray(0, middle)), what)
    client.send(bytes.subarray(middle))
    t.ok((await client.bytes(bytes.length - middle)).equals(bytes.subarray(middle)), `${what}: the rest`)
    client.socket.destroy()
  }
  row.tried(frames().length)
  row.figure(`${frames().length} frames, good and bad ones, both ways as they were sent`)
}

/**
 * The Autobahn testsuite, which needs Python 2.7 (`CROSSGATE_PYTHON2`): it tries a server and a client, once directly
 * and once through the gateway, and must see the same of both.
 */
async function autobahn(t: Test, row: Row): Promise<void> {
  const suite = installSuite()
  if (typeof suite === 'string') {
    t.fail(suite)
    return
  }
  const server = await echoServer(t)
  const throughServer = await openRig(t, policyOf(`http://127.0.0.1:${server}`, ROUTES, PATIENT))
  const reports = workDir(t)
  const spec = (facts: object): string => {
    const file = join(reports, 'spec.json')
    writeFileSync(
      file,
      JSON.stringify({
        outdir: reports,
        cases: CASES,
        'exclude-cases': [],
        'exclude-agent-cases': {},
        ...facts,
      }),
    )
    return file
  }
  const agent = (name: string, port: number) => ({
    agent: name,
    url: `ws://127.0.0.1:${port}`,
    origin: ALLOWED,
    options: { version: 18 },
  })
  const servers = [agent('direct', server), agent('gateway', throughServer.port)]
  const [code] = await once(suite('fuzzingclient', spec({ servers })), 'close')
  t.equal(code, 0, 'the suite has run against a server')
  compare(t, row, 'a server', readFileSync(join(reports, 'index.json'), 'utf8'))

  const port = await freePort()
  const fuzzing = suite('fuzzingserver', spec({ url: `ws://127.0.0.1:${port}`, options: {} }))
  t.teardown(() => fuzzing.kill())
  t.ok(await eventually(() => listens(port), 20_000), 'the suite waits for clients')
  const throughClient = await openRig(t, policyOf(`http://127.0.0.1:${port}`, ROUTES, PATIENT))
  for (const [name, to] of [
    ['direct', port],
    ['gateway', throughClient.port],
  ] as const)
    await echoAll(to, name)
  compare(t, row, 'a client', readFileSync(join(reports, 'index.json'), 'utf8'))
  fuzzing.kill()
}

function compare(t: Test, row: Row, what: string, index: string): void {
  const { direct, gateway } = JSON.parse(index) as Record<'direct' | 'gateway', Record<string, CaseResult>>
  const cases = Object.keys(direct)
  const verdict = (result: CaseResult | undefined): string => `${result?.behavior}, ${result?.behaviorClose}`
  const differing = cases.filter(id => verdict(direct[id]) !== verdict(gateway[id]))
  t.ok(cases.length > 200, `${cases.length} cases`)
  t.same(
    differing.map(id => `${id}: ${verdict(direct[id])}; ${verdict(gateway[id])}`),
    [],
    `${what}: as without the gateway`,
  )
  const failed = cases.filter(id => /FAIL|UNCLEAN/.test(verdict(gateway[id])))
  t.same(failed, [], `${what}: none fails`)
  row.tried(cases.length)
  row.figure(
    `Autobahn testsuite, ${what} behind and without the gateway: ${cases.length} cases, ${differing.length} differ, ${failed.length} fail`,
  )
}

interface CaseResult {
  readonly behavior: string
  readonly behaviorClose: string
}

/** Plays the client of every case of the fuzzing server. */
async function echoAll(port: number, agent: string): Promise<void> {
  const open = (path: string): WebSocket => {
    const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      origin: ALLOWED,
      maxPayload: 64 * 1024 * 1024,
    })
    client.on('error', () => {})
    return client
  }
  const [count] = (await once(open('/getCaseCount'), 'message')) as [Buffer]
  for (let number = 1; number <= Number(count); number++) {
    const client = open(`/runCase?case=${number}&agent=${agent}`)
    client.on('message', (data, binary) => client.send(data as Buffer, { binary }))
    // An error before it is what half of the cases are about.
    await new Promise(resolve => client.once('close', resolve))
  }
  await once(open(`/updateReports?agent=${agent}`), 'close')
}

/** @returns what starts the suite in one of its modes, or why it cannot be run. */
function installSuite(): ((mode: string, spec: string) => ReturnType<typeof spawn>) | string {
  const python = process.env.CROSSGATE_PYTHON2 ?? 'python2.7'
  const target = resolve(import.meta.dirname, '../../build/autobahn')
  if (!existsSync(join(target, 'autobahntestsuite'))) {
    const { status, stderr } = spawnSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--target', target, SUITE],
      { encoding: 'utf8' },
    )
    if (status !== 0)
      return `no Autobahn testsuite: set CROSSGATE_PYTHON2 to a Python 2.7 with pip. ${stderr ?? ''}`
    // A namespace package that pip leaves without its file under --target.
    writeFileSync(join(target, 'zope', '__init__.py'), '')
  }
  const start = `import sys; sys.path.insert(0, sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()`
  return (mode, spec) =>
    spawn(python, ['-W', 'ignore', '-c', start, target, '-m', mode, '-s', spec, '-u', '0'], {
      stdio: 'ignore',
    })
}

async function echoServer(t: Test): Promise<number> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: true, maxPayload: 64 * 1024 * 1024 })
  sockets.on('connection', socket => {
    socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }))
    socket.on('error', () => {})
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    http.closeAllConnections()
    http.close()
  })
  return (http.address() as { port: number }).port
}

async function listens(port: number): Promise<boolean> {
  const probe = new WebSocket(`ws://127.0.0.1:${port}/getCaseCount`)
  probe.on('error', () => {})
  return new Promise(resolve => {
    probe.once('open', () => resolve(true))
    probe.once('close', () => resolve(false))
  })
}

// The suite answers nobody while it writes its reports.
const PATIENT = 'timeouts: { headers: 120s }'
const SUITE = 'autobahntestsuite==0.8.2'

// All but the timing of large messages (9.2 to 9.8) and the 200 ways to negotiate compression, of which one each: those
// measure the endpoints, and take the hour.
const CASES = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '9.1.*', '9.5.*', '10.*', '12.1.1', '13.1.1']
