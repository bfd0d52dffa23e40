import { pino } from 'pino'
import t from 'tap'
import { RecurringLines } from '../../src/observe/log/recurring-lines.js'

function collect(level = 'info') {
  const written: Record<string, unknown>[] = []
  const log = pino({ level, base: null }, { write: line => void written.push(JSON.parse(line)) })
  return { lines: new RecurringLines(log), written }
}

const failed = (upstream: string, requestId: string) => ({ event: 'upstream.failed', upstream, requestId })

t.test('the first of a kind at once, then how many were like it, with the latest', async t => {
  const { lines, written } = collect()
  for (let n = 0; n < 50; n++) lines.add('warn', failed('api', `${n}`), ['api'])
  lines.add('warn', failed('other', 'x'), ['other'])
  t.match(written, [
    { level: 40, ...failed('api', '0'), count: undefined },
    { ...failed('other', 'x'), count: undefined },
  ])
  t.equal(written.length, 2)
  lines.close()
  t.equal(written.length, 3)
  t.match(written[2], { level: 40, ...failed('api', '49'), count: 49, firstSeen: String, lastSeen: String })
})

t.test('they end by themselves', async t => {
  const ended: (() => void)[] = []
  const delays: unknown[] = []
  t.intercept(globalThis, 'setTimeout', {
    value: (end: () => void, delay: number) => {
      ended.push(end)
      delays.push(delay)
      const timer = { unref: () => timer }
      return timer
    },
  })
  const { lines, written } = collect()
  for (let n = 0; n < 3; n++) lines.add('info', failed('api', `${n}`), ['api'])
  t.same(delays, [10_000])
  ended[0]?.()
  t.match(written, [{ requestId: '0' }, { requestId: '2', count: 2 }])
  lines.add('info', failed('api', '3'), ['api'])
  t.match(written[2], { requestId: '3', count: undefined }, 'the first again')
})

t.test('bounded, however many kinds there are, and silent below the level', async t => {
  const { lines, written } = collect()
  for (let n = 0; n < 3_000; n++) lines.add('error', failed(`u${n}`, ''), [n])
  lines.close()
  t.equal(written.length, 1_001)
  t.match(written.at(-1), {
    level: 50,
    event: 'upstream.failed',
    count: 2_000,
    overflow: true,
    upstream: undefined,
  })
  const quiet = collect('warn')
  quiet.lines.add('info', failed('api', ''), [])
  quiet.lines.close()
  t.same(quiet.written, [])
})
