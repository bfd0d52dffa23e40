import { readFileSync } from 'node:fs'
import t from 'tap'
import { decision } from '../../src/cors/decision.js'
import { REASONS, type Reason, type ReasonFacts } from '../../src/cors/reason.js'

const ROWS = readFileSync(new URL('../../docs/reasons.md', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim()))

const FACTS = Object.entries<ReasonFacts>(REASONS)

t.test('every reason has a row in docs/reasons.md, in the same order, and no row is left over', async t => {
  t.strictSame(
    ROWS.map(([, reason]) => reason),
    FACTS.map(([reason]) => `\`${reason}\``),
  )
  for (const [index, [reason, { outcome, status }]] of FACTS.entries()) {
    const [, , saysOutcome, saysStatus, means, remedy] = ROWS[index] ?? []
    t.equal(saysOutcome, outcome, `${reason}: outcome`)
    t.equal(saysStatus, status === 0 ? '–' : String(status), `${reason}: status`)
    t.match(means, /^[A-Z].*\.$/, `${reason}: what it means`)
    t.match(remedy, /^[A-Z].*\.( .*)?$|^[A-Z].*\)\.$/, `${reason}: what to do`)
  }
})

t.test('a reason is a word that fits a label, and a title says nothing of any list', async t => {
  for (const [reason, { title }] of FACTS) {
    t.match(reason, /^[a-z]+(-[a-z]+)*$/)
    t.match(title, /^[A-Z][A-Za-z ,:-]+[a-zA-Z]$/)
  }
})

t.test('a denial alone refuses: action and status follow from the reason', async t => {
  for (const [reason, { outcome, status }] of FACTS) {
    const made = decision('actual', reason as Reason)
    t.equal(made.outcome, outcome, reason)
    t.equal(made.action, outcome === 'allowed' ? 'forward' : 'refuse', reason)
    t.equal(made.status, outcome === 'allowed' ? 0 : status, reason)
    t.ok(outcome === 'allowed' || made.status >= 200, `${reason}: a refusal has a status`)
    t.strictSame([made.headers, made.vary, made.rule, made.enforced], [[], [], undefined, true], reason)
  }
})
