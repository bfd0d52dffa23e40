import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t, { type Test } from 'tap'
import { PROMISES } from './promises.js'

/** True where soaks run whole: `npm run test:torture -- --full`. */
export const WHOLE = process.env.CROSSGATE_TORTURE === 'full'

/** What a row notes while it runs, for the report. */
export interface Row {
  /** Inputs that were tried: add as many as it were. */
  tried(count: number): void
  /** One measured figure, in words. */
  figure(text: string): void
}

/** What is left of a row's run, in build/torture. */
export interface RowResult {
  readonly id: string
  readonly inputs: number
  readonly figures: readonly string[]
  readonly passed: boolean
  readonly whole: boolean
  readonly seconds: number
}

/** Runs one promise of docs/promises.md as a test and leaves its result for the report. */
export function promise(id: string, run: (t: Test, row: Row) => Promise<void>): Promise<unknown> {
  const wanted = process.env.CROSSGATE_TORTURE_ROWS?.split(',')
  if (wanted !== undefined && !wanted.includes(id) && !wanted.includes(id[0]!)) return Promise.resolve()
  const known = PROMISES.find(candidate => candidate.id === id)
  if (known === undefined) throw new Error(`${id} is no promise of test/torture/promises.ts`)
  return t.test(`${id}: ${known.promise}`, { timeout: WHOLE ? 3_600_000 : 230_000 }, async t => {
    const started = performance.now()
    let inputs = 0
    const figures: string[] = []
    let whole = false
    try {
      await run(t, { tried: count => (inputs += count), figure: text => figures.push(text) })
      whole = true
    } finally {
      const seconds = Math.round((performance.now() - started) / 100) / 10
      const passed = whole && t.passing() && inputs > 0
      leave({ id, inputs, figures, passed, whole: known.kind === 'Q' || WHOLE, seconds })
      for (const figure of figures) t.comment(figure)
      t.ok(inputs > 0, 'something was tried')
    }
  })
}

// A shortened run never replaces what the whole one found.
function leave(result: RowResult): void {
  mkdirSync(RESULTS, { recursive: true })
  const name = result.whole ? `${result.id}.json` : `${result.id}.short.json`
  writeFileSync(resolve(RESULTS, name), `${JSON.stringify(result, null, 2)}\n`)
}

const RESULTS = resolve(import.meta.dirname, '../../build/torture')
