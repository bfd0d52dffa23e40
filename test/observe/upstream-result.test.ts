import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { type Blame, UPSTREAM_RESULTS } from '../../src/observe/events/upstream-result.js'

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The results that are somebody's of these doing. */
const resultsOf = (...blames: readonly Blame[]) =>
  Object.entries(UPSTREAM_RESULTS)
    .filter(([, { blame }]) => blames.includes(blame))
    .map(([result]) => result)
    .sort()

/** What each of the patterns of a query leaves out. */
const leftOutBy = (query: string) =>
  [...query.matchAll(/result!~"([^"]+)"/g)].map(([, pattern = '']) => pattern.split('|').sort())

t.test('the manual has every result where it belongs', async t => {
  const row = textOf('docs/metrics.md')
    .split('\n')
    .find(line => line.startsWith('| `crossgate_upstream_requests_total`'))
  const [, well, client, upstream, gateway] = (row ?? '').split(
    /Well: |By the client's doing: |By failing: |By the gateway: |`CrossgateShedding`/,
  )
  const named = (text: string | undefined) =>
    [...(text ?? '').matchAll(/`([a-z-]+)`/g)].map(([, result]) => result).sort()
  t.same(named(well), resultsOf('nobody'))
  t.same(named(client), resultsOf('client'))
  t.same(named(upstream), resultsOf('upstream'))
  t.same(named(gateway), resultsOf('gateway'))
})

t.test(
  'the alert counts as failures what the console does, and the dashboard shows what was shed too',
  async t => {
    const { groups } = parse(textOf('deploy/prometheus-alerts.yaml'))
    const alert = groups[0].rules.find((rule: { alert: string }) => rule.alert === 'CrossgateUpstreamFailing')
    t.same(leftOutBy(alert.expr), [resultsOf('nobody', 'client', 'gateway'), resultsOf('client', 'gateway')])
    const { panels } = JSON.parse(textOf('deploy/grafana-dashboard.json'))
    const queries: readonly string[] = panels
      .flatMap((panel: { targets?: { expr: string }[] }) => panel.targets ?? [])
      .map(({ expr }: { expr: string }) => expr)
      .filter((expr: string) => expr.includes('crossgate_upstream_requests_total'))
    const filtered = queries.filter(expr => expr.includes('result!~'))
    t.not(filtered.length, 0)
    for (const expr of filtered) t.same(leftOutBy(expr), [resultsOf('nobody', 'client')], expr)
  },
)
