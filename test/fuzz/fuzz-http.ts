import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { eachOf, eventually, policyOf, shoot } from '../torture/rig.js'
import { mutate, pick, randomFrom, readSeeds } from './mutate.js'

/**
 * Mutated raw requests against the real process. It must live, answer nothing with 500, and everything that reaches the
 * upstream must be a request that was decided: the same id and the same path, as often as it was decided.
 *
 * @returns how many were sent, and how many of them reached the upstream.
 */
export async function fuzzHttp(
  t: Test,
  seconds: number,
  seed: number,
): Promise<{ sent: number; forwarded: number }> {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const gateway = await startGateway(t, {
    policy: policyOf(upstream.origin),
    flags: ['--audit', 'all', '--request-timeout', '2s', '--headers-timeout', '2s'],
  })
  const seeds = readSeeds('http')
  const random = randomFrom(seed)
  const end = performance.now() + seconds * 1000
  let sent = 0
  await eachOf(Array.from({ length: 8 }), 8, async () => {
    while (performance.now() < end) {
      const bytes = mutate(pick(seeds, random), DICTIONARY, random)
      sent++
      const { text, statuses } = await shoot(gateway.port, bytes, 150)
      if (statuses.includes(500) || text.includes('node:')) t.fail('a 500', { bytes, text })
      if (gateway.child.exitCode !== null) {
        t.fail('the process died', { bytes, stderr: gateway.stderr().slice(-2000) })
        return
      }
    }
  })
  t.equal((await send(gateway.port, { path: '/alive' })).status, 200, 'the process is alive')
  const undecided = (): string[] => {
    const decided = new Set(gateway.records.map(record => `${record['requestId']} ${record['path']}`))
    return upstream.requests
      .map(
        ({ headers, target }) =>
          `${headers.find(([name]) => name === 'X-Request-Id')?.[1]} ${target.split('?')[0]}`,
      )
      .filter(request => !decided.has(request) && request.length < 500)
  }
  await eventually(() => undecided().length === 0, 5_000)
  t.same(undecided().slice(0, 3), [], 'the upstream saw what was decided, and nothing else')
  return { sent, forwarded: upstream.requests.length }
}

const DICTIONARY = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '/',
  '..',
  '%2e%2e',
  '%2f',
  '\\',
  '%',
  '#',
  '?',
  '"',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Connection: close\r\n',
  'Connection: upgrade\r\n',
  'Upgrade: websocket\r\n',
  'Expect: 100-continue\r\n',
  'Host: y\r\n',
  'Origin: https://app.example\r\n',
  'Origin: https://evil.example\r\n',
  'Access-Control-Request-Method: PUT\r\n',
  'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP/1.0',
  'HTTP/1.1',
  'HTTP/2.0',
  'POST',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff',
  '-1',
  '0x5',
  '5;a=b\r\n',
  '\xff',
  '\x80',
  '__proto__',
  'a'.repeat(5000),
  'http://',
  '*',
  '\x16\x03\x01\x02\x00\x01',
]
