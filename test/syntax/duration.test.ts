import fc from 'fast-check'
import t from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { readSettings } from '../../src/read-settings.js'
import { MILLISECONDS, parseDuration, WHOLE_SECONDS } from '../../src/syntax/duration.js'
import { withOrigins, withUpstream } from '../policy/marked-policy.js'

// What is written, and the milliseconds that a wait and a max age are.
const ROWS: readonly [string, number | undefined, number | undefined][] = [
  ['500ms', 500, undefined],
  ['1500ms', 1500, undefined],
  ['0.5ms', undefined, undefined],
  ['30s', 30_000, 30_000],
  ['1.5s', 1500, undefined],
  ['0.0005s', undefined, undefined],
  ['10m', 600_000, 600_000],
  ['1.5m', 90_000, 90_000],
  ['0.01m', 600, undefined],
  ['1.1h', 3_960_000, 3_960_000],
  ['2h', 7_200_000, 7_200_000],
  ['1d', undefined, undefined],
  ['10 s', undefined, undefined],
  ['1h30m', undefined, undefined],
  ['-1s', undefined, undefined],
  ['.5s', undefined, undefined],
  ['1e3s', undefined, undefined],
  ['s', undefined, undefined],
  ['', undefined, undefined],
]

for (const [text, wait, age] of ROWS) {
  t.test(`"${text}" in each place that takes a duration`, async t => {
    t.equal(parseDuration(text, MILLISECONDS), wait)
    t.equal(parseDuration(text, WHOLE_SECONDS), age)

    const read = readSettings({ flags: { policy: 'p', drainTimeout: text }, env: {}, file: new Map() })
    t.equal('settings' in read ? read.settings.drainTimeout : undefined, wait, 'a setting')

    const timeout = resolvePolicy([
      { file: 'p.yaml', text: withUpstream(`url: http://u\ntimeouts: { idle: "${text}" }`) },
    ])
    t.equal(timeout.policy?.upstreams.get('u')?.timeouts.idle, wait, 'a timeout')
    if (wait === undefined) t.match(timeout.problems, [{ code: 'duration-format' }], 'one problem')

    const rule = resolvePolicy([
      { file: 'p.yaml', text: withOrigins('https://a.example', `maxAge: "${text}"`) },
    ])
    t.equal(rule.policy?.routes[0]?.cors[0]?.maxAge, age === undefined ? undefined : age / 1000, 'an age')
    if (age === undefined) t.match(rule.problems, [{ code: 'max-age-format' }], 'one problem')
  })
}

t.test('a number is seconds', async t => {
  for (const format of [MILLISECONDS, WHOLE_SECONDS]) {
    t.equal(parseDuration(1.1, format), 1100)
    t.equal(parseDuration(0.5, format), 500)
    t.equal(parseDuration(Number.POSITIVE_INFINITY, format), undefined)
    t.equal(parseDuration(Number.NaN, format), undefined)
  }
  const read = readSettings({ flags: { policy: 'p', drainTimeout: '1.5' }, env: {}, file: new Map() })
  t.match(read, { settings: { drainTimeout: 1500 } })
})

t.test('what a pattern takes is a whole number of its unit', async () => {
  for (const [format, unit] of [
    [MILLISECONDS, 1],
    [WHOLE_SECONDS, 1000],
  ] as const) {
    fc.assert(
      fc.property(fc.stringMatching(format.pattern), text => {
        const milliseconds = parseDuration(text, format)
        return milliseconds !== undefined && milliseconds % unit === 0
      }),
    )
  }
})
