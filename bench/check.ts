// How long `crossgate check` takes for 1,000 routes and 100,000 origins, start of the process included: the best of
// three runs. Exits 1 above three seconds. `npm run bench:check`
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LARGE, manyLists, oneSet } from './large-policy.js'

const LIMIT = 3000
const UPSTREAM = 'http://u.internal'

const dir = mkdtempSync(join(tmpdir(), 'crossgate-'))
let worst = 0
try {
  for (const [name, text] of Object.entries({
    'one set': oneSet(UPSTREAM),
    'a list in every rule': manyLists(UPSTREAM),
  })) {
    const file = join(dir, 'policy.yaml')
    writeFileSync(file, text)
    const times = [1, 2, 3].map(() => timeOf(file))
    const best = Math.min(...times)
    worst = Math.max(worst, best)
    console.log(
      `${LARGE.routes} routes, ${LARGE.origins} origins, ${name}: ${best.toFixed(0)} ms (of ${times.map(ms => ms.toFixed(0)).join(', ')})`,
    )
  }
} finally {
  rmSync(dir, { recursive: true })
}
process.exitCode = worst > LIMIT ? 1 : 0

function timeOf(file: string): number {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', 'check', file], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`check exited with ${status}\n${stdout}${stderr}`)
  return performance.now() - start
}
