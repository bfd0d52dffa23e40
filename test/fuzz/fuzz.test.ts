import t from 'tap'
import { fuzzHttp } from './fuzz-http.js'
import { fuzzLists } from './fuzz-lists.js'
import { fuzzOrigins } from './fuzz-origins.js'
import { fuzzYaml } from './fuzz-yaml.js'

/** Seconds per target: `CROSSGATE_FUZZ_SECONDS=600 npm run fuzz` for a long run, with another seed each time. */
const SECONDS = Number(process.env.CROSSGATE_FUZZ_SECONDS ?? 3)
const SEED = Number(process.env.CROSSGATE_FUZZ_SEED ?? (SECONDS > 3 ? Date.now() % 2 ** 31 : 1))

t.test(`raw HTTP, seed ${SEED}`, { timeout: (SECONDS + 60) * 1000 }, async t => {
  const { sent, forwarded } = await fuzzHttp(t, SECONDS, SEED)
  t.ok(forwarded > 0, `${sent} requests, ${forwarded} forwarded`)
})

t.test(`policy files, seed ${SEED}`, { timeout: (SECONDS + 60) * 1000 }, async t => {
  const { tried, taken, slowest } = fuzzYaml(t, SECONDS, SEED)
  t.ok(tried > 20 && taken > 0, `${tried} files, ${taken} accepted`)
  t.ok(slowest < 2_000, `the slowest took ${slowest.toFixed(0)} ms`)
})

t.test(`origins, seed ${SEED}`, { timeout: (SECONDS + 60) * 1000 }, async t => {
  const { tried, held } = fuzzOrigins(t, SECONDS, SEED)
  t.ok(tried > 1000 && held > 0, `${tried} pairs, ${held} held by both`)
})

t.test(`header lists, seed ${SEED}`, { timeout: (SECONDS + 60) * 1000 }, async t => {
  const { tried, taken, slowest } = fuzzLists(t, SECONDS, SEED)
  t.ok(tried > 1000 && taken > 0, `${tried} lists, ${taken} read, the slowest in ${slowest.toFixed(1)} ms`)
})
