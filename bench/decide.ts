/**
 * What a decision costs among 10 origins and among 110,000: `npm run bench:decide`. It exits 1 where the long list
 * costs more than 1.5 times the short one.
 */
import { decide } from '../src/cors/decide.js'
import type { CorsPolicy } from '../src/cors/rule.js'
import { request, route } from '../test/cors/policy.js'
import { median } from './statistics.js'

const MAX_RATIO = 1.5
const ROUNDS = 61
/** Origins that take turns, drawn from all over the list in no order that a cache could guess; an argument says otherwise. */
const ORIGINS = Number(process.argv[2] ?? 1_000)
const REPEATS = 20

const SHORT = { exact: 8, wildcards: 2 }
const LONG = { exact: 100_000, wildcards: 10_000 }

/** Numbers of one length, so that no list has the shorter names. */
const exactOrigin = (index: number) => `https://shop-${100_000 + index}.example`
const wildcardOrigin = (index: number) => `https://*.preview-${100_000 + index}.example`

type Size = typeof SHORT
const CASES: Readonly<Record<string, (size: Size, at: number) => string>> = {
  'exact hit': (size, at) => exactOrigin(at % size.exact),
  'wildcard hit': (size, at) => wildcardOrigin(at % size.wildcards).replace('*', 'pr-7'),
  miss: (_, at) => exactOrigin(at % LONG.exact).replace('shop', 'evil'),
}

function main(): void {
  const short = policyOf(SHORT)
  const long = policyOf(LONG)
  console.log(
    `${'decide'.padEnd(14)}${count(SHORT).padStart(10)}${count(LONG).padStart(12)}${'ratio'.padStart(8)}`,
  )

  let worst = 0
  for (const [name, originAt] of Object.entries(CASES)) {
    const fewHeaders = headersOf(SHORT, originAt)
    const manyHeaders = headersOf(LONG, originAt)
    const { shortNs, longNs, ratio } = compare(
      () => cost(short, fewHeaders),
      () => cost(long, manyHeaders),
    )
    console.log(
      `${name.padEnd(14)}${ns(shortNs).padStart(10)}${ns(longNs).padStart(12)}${ratio.toFixed(2).padStart(8)}`,
    )
    worst = Math.max(worst, ratio)
  }
  if (worst > MAX_RATIO) {
    console.error(`the long list costs ${worst.toFixed(2)} times the short one; ${MAX_RATIO} is the promise`)
    process.exitCode = 1
  }
}

/** Takes turns, so that a busy moment of the machine hits both, and tells the median round. */
function compare(short: () => number, long: () => number) {
  for (let round = 0; round < 5; round++) {
    short()
    long()
  }
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    if (round % 2 === 0) return { short: short(), long: long() }
    const second = long()
    return { short: short(), long: second }
  })
  return {
    shortNs: median(rounds.map(round => round.short)),
    longNs: median(rounds.map(round => round.long)),
    ratio: median(rounds.map(round => round.long / round.short)),
  }
}

/** Nanoseconds for one decision. */
function cost(policy: CorsPolicy, headers: readonly Buffer[]): number {
  let allowed = 0
  const started = process.hrtime.bigint()
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const bytes of headers) {
      // A request's header is a string that was never seen before: no hash is cached in it.
      const decision = decide(policy, { ...REQUEST, origin: bytes.toString('latin1') }, NOW)
      if (decision.outcome === 'allowed') allowed++
    }
  }
  const elapsed = Number(process.hrtime.bigint() - started)
  const decisions = headers.length * REPEATS
  if (allowed !== 0 && allowed !== decisions) throw new Error('a case is neither hit nor miss')
  return elapsed / decisions
}

function headersOf(size: Size, originAt: (size: Size, at: number) => string): readonly Buffer[] {
  const somewhere = () => Math.floor(Math.random() * 1e9)
  return Array.from({ length: ORIGINS }, () => Buffer.from(originAt(size, somewhere()), 'latin1'))
}

function policyOf({ exact, wildcards }: Size): CorsPolicy {
  const allowOrigins = [
    ...Array.from({ length: exact }, (_, index) => exactOrigin(index)),
    ...Array.from({ length: wildcards }, (_, index) => wildcardOrigin(index)),
  ]
  const allowMethods = ['GET', 'POST']
  const lists = { allowHeaders: ['content-type'], exposeHeaders: ['x-request-id'] }
  return route([{ allowOrigins, allowMethods, ...lists, allowCredentials: true, maxAge: 600 }])
}

function count({ exact, wildcards }: Size): string {
  return `of ${(exact + wildcards).toLocaleString('en')}`
}

function ns(value: number): string {
  return `${value.toFixed(0)} ns`
}

const NOW = Date.now()
const REQUEST = request({})

main()
