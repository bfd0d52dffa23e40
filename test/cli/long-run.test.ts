import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import t from 'tap'

const SCRIPT = resolve(import.meta.dirname, '../helpers/tick-cost.mjs')

// Without that it is five times on Node 20, 24 and 26; where it no longer is, this Node wants no such care.
t.test('major collections make a tick no dearer', async t => {
  const kept = dearerBy('kept')
  t.ok(kept < 2.5, `${kept.toFixed(2)} times what it was`)
  t.comment(`${dearerBy('forgotten').toFixed(2)} times in a process that is not prepared`)
})

function dearerBy(how: 'kept' | 'forgotten'): number {
  const { stdout, stderr } = spawnSync(
    'env',
    ['-u', 'NODE_OPTIONS', process.execPath, '--expose-gc', SCRIPT, how],
    {
      encoding: 'utf8',
    },
  )
  const ratio = Number.parseFloat(stdout)
  if (!(ratio > 0)) throw new Error(stderr)
  return ratio
}
