import { fuzzHttp } from '../fuzz/fuzz-http.js'
import { fuzzLists } from '../fuzz/fuzz-lists.js'
import { fuzzOrigins } from '../fuzz/fuzz-origins.js'
import { fuzzYaml } from '../fuzz/fuzz-yaml.js'
import { promise, WHOLE } from './promise.js'

promise('X1', async (t, row) => {
  const seconds = WHOLE ? 150 : 8
  const seed = WHOLE ? Date.now() % 2 ** 31 : 7
  const http = await fuzzHttp(t, seconds, seed)
  const yaml = fuzzYaml(t, seconds, seed)
  const origins = fuzzOrigins(t, seconds / 5, seed)
  const lists = fuzzLists(t, seconds / 5, seed)
  t.ok(yaml.slowest < 2_000, `the slowest policy took ${yaml.slowest.toFixed(0)} ms`)
  row.tried(http.sent + yaml.tried + origins.tried + lists.tried)
  row.figure(
    `${http.sent.toLocaleString('en')} mutated requests (${http.forwarded} reached the upstream, each as decided), ${yaml.tried.toLocaleString('en')} mutated policies (${yaml.taken} accepted, the rest refused with code and place, slowest ${yaml.slowest.toFixed(0)} ms), ${origins.tried.toLocaleString('en')} mutated pairs of allowlist and origin (${origins.held.toLocaleString('en')} held, as an oracle has it), ${lists.tried.toLocaleString('en')} mutated header lists (${lists.taken.toLocaleString('en')} read, as an oracle reads them); seed ${seed}`,
  )
})
