import { fuzzHttp } from '../fuzz/fuzz-http.js'
import { fuzzYaml } from '../fuzz/fuzz-yaml.js'
import { promise, WHOLE } from './promise.js'

promise('X1', async (t, row) => {
  const seconds = WHOLE ? 150 : 8
  const seed = WHOLE ? Date.now() % 2 ** 31 : 7
  const http = await fuzzHttp(t, seconds, seed)
  const yaml = fuzzYaml(t, seconds, seed)
  t.ok(yaml.slowest < 2_000, `the slowest policy took ${yaml.slowest.toFixed(0)} ms`)
  row.tried(http.sent + yaml.tried)
  row.figure(
    `${http.sent.toLocaleString('en')} mutated requests (${http.forwarded} reached the upstream, each as decided), ${yaml.tried.toLocaleString('en')} mutated policies (${yaml.accepted} accepted, the rest refused with code and place, slowest ${yaml.slowest.toFixed(0)} ms); seed ${seed}`,
  )
})
