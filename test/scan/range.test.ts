import { readFileSync } from 'node:fs'
import t from 'tap'
import { ScanClient } from '../../src/scan/client.js'
import type { ScanFinding } from '../../src/scan/finding.js'
import { Pace } from '../../src/scan/pace.js'
import { readTrustedOrigin } from '../../src/scan/probes/trusted-origin.js'
import { scanTarget } from '../../src/scan/scan-target.js'
import { readTarget, type ScanTarget } from '../../src/scan/target.js'
import { INDEPENDENT } from './independent-cases.js'
import { startRange } from './range.js'
import { RANGE as OWN } from './range-cases.js'

const RANGE = [...OWN, ...INDEPENDENT]

t.test('the range: every misconfiguration is found, and nothing else', { timeout: 230_000 }, async t => {
  t.ok(RANGE.length >= 60, `${RANGE.length} servers`)
  const range = await startRange(t, RANGE)
  const { signal } = new AbortController()
  const client = new ScanClient({
    timeout: 20_000,
    pace: new Pace(0),
    allowPrivate: true,
    resolve: range.hosts,
    verifyTls: false,
    userAgent: 'crossgate-scan/test',
    signal,
  })
  t.teardown(() => client.close())

  let [right, wrong, missed] = [0, 0, 0]
  const requests: number[] = []
  for (const one of RANGE) {
    const result = await scanTarget(readTarget(range.urlOf(one)) as ScanTarget, {
      client,
      labels: { first: 'kvtqzjwh', second: 'pmrxjdtl' },
      session: { headers: one.session ?? [], curlOptions: [] },
      known: (one.known ?? []).map(origin => readTrustedOrigin(origin)),
      signal,
    })
    t.equal(result.status, 'scanned', `${one.name}: ${result.error ?? 'scanned'}`)
    requests.push(result.requests)
    const found = result.findings.map(({ code, severity }: ScanFinding) => `${code} ${severity}`).sort()
    t.same(found, [...one.expects].sort(), one.name)
    right += found.filter(each => one.expects.includes(each)).length
    wrong += found.filter(each => !one.expects.includes(each)).length
    missed += one.expects.filter(each => !found.includes(each)).length
    for (const { code, fix } of result.findings) {
      if (code === 'websocket-origin') t.match(fix, /^ {2}websocket: true$/m, 'the fix does not end them')
    }
    for (const { proof } of result.findings) {
      const text = JSON.stringify(proof)
      for (const [, value] of one.session ?? [])
        t.notOk(text.includes(value), `${one.name}: no secret in the proof`)
    }
  }
  requests.sort((a, b) => a - b)
  const precision = right / (right + wrong)
  const recall = right / (right + missed)
  process.stderr.write(
    `range: ${RANGE.length} servers, ${INDEPENDENT.length} of them after what others published, ${right + missed} misconfigurations; precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}; ${requests.at(0)} to ${requests.at(-1)} requests each, the median ${requests[requests.length >> 1]}\n`,
  )
  t.equal(precision, 1, `precision ${precision}`)
  t.equal(recall, 1, `recall ${recall}`)
  const readme = readFileSync('README.md', 'utf8')
  t.match(
    readme,
    `tried on ${RANGE.length} servers, ${INDEPENDENT.length} of them`,
    'the README has these figures',
  )
})
