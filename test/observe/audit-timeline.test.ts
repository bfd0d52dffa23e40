import t from 'tap'
import { AuditTimeline } from '../../src/observe/reading/audit-timeline.js'

const MINUTE = 60_000
const at = (minutes: number): string => new Date(Date.UTC(2026, 10, 20) + minutes * MINUTE).toISOString()

t.test('a short log in minutes, those between included; what has no time is left out', async t => {
  const timeline = new AuditTimeline()
  for (const [minute, as, count] of [
    [3, 'denied', 2],
    [0, 'allowed', 10],
    [3.9, 'reported', 1],
  ] as const)
    timeline.add(at(minute), as, count)
  timeline.add('yesterday', 'denied', 5)
  const { step, steps } = timeline.totals()
  t.equal(step, MINUTE)
  t.same(
    steps.map(({ denied, reported, allowed }) => [denied, reported, allowed]),
    [
      [0, 0, 10],
      [0, 0, 0],
      [0, 0, 0],
      [2, 1, 0],
    ],
  )
})

t.test(
  'a long log in as many steps as are shown, in whatever order it comes, and nothing is lost',
  async t => {
    const minutes = Array.from({ length: 20 * 24 * 60 }, (_, index) => index)
    for (const order of [minutes, [...minutes].reverse()]) {
      const timeline = new AuditTimeline()
      for (const minute of order) timeline.add(at(minute), 'denied', 1)
      const { step, steps } = timeline.totals()
      t.ok(steps.length > 100 && steps.length <= 241, `${steps.length} steps of ${step / MINUTE} min`)
      t.equal(
        steps.reduce((sum, { denied }) => sum + denied, 0),
        minutes.length,
      )
      t.ok(steps.every(({ start }, index) => index === 0 || start - steps[index - 1]!.start === step))
    }
  },
)

t.test('an empty log has no steps', async t => {
  t.same(new AuditTimeline().totals().steps, [])
})
