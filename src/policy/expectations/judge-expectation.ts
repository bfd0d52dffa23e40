import type { Explanation } from '../explain/explain.js'
import type { Expectation } from './expectations-schema.js'

/** Everything that is not as expected, a sentence each; none: as expected. */
export function judgeExpectation(
  expect: Expectation['expect'],
  { evaluation, headers }: Explanation,
): readonly string[] {
  const { decision, route } = evaluation
  const found = {
    outcome: decision.outcome,
    reason: decision.reason,
    route: route?.id,
    rule: decision.rule?.index,
    status: decision.status,
  }
  const because = ` (${[decision.reason, ...(route === undefined ? [] : [`route ${route.id}`])].join(', ')})`
  const failures: string[] = []
  for (const name of Object.keys(found) as (keyof typeof found)[]) {
    const wanted = expect[name]
    if (wanted !== undefined && wanted !== found[name])
      failures.push(
        `${name}: expected ${wanted}, got ${found[name] ?? 'none'}${name === 'outcome' ? because : ''}`,
      )
  }
  const sent = new Map<string, string>()
  for (let at = 0; at < headers.length; at += 2)
    sent.set((headers[at] as string).toLowerCase(), headers[at + 1] as string)
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const value = sent.get(name.toLowerCase())
    if (value !== (wanted ?? undefined))
      failures.push(`${name}: expected ${wanted ?? 'none'}, got ${value ?? 'none'}`)
  }
  return failures
}
