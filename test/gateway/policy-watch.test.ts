import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type PolicySnapshot, snapshotPolicy } from '../../src/gateway/loading/policy-snapshot.js'
import { PolicyWatch } from '../../src/gateway/loading/policy-watch.js'

// The time between looks, in milliseconds.
const POLL = 10
const WRITTEN = new Date('2026-01-01T00:00:00Z')

const WRITE_ALL_THE_TIME = `
  const fs = require('node:fs')
  const file = fs.openSync(process.argv[1], 'a')
  setInterval(() => fs.writeSync(file, '{}\\n'), 1)
  process.stdout.write('writing')
`

/**
 * Watches a file that is known by two names. Who writes by the other one, in another directory, makes no event: only a
 * look can find it.
 */
async function watchQuietly(t: Test, clock: { ahead: number }) {
  const dir = t.testdir({ watched: { 'policy.yaml': 'version: 1\n' } })
  const path = join(dir, 'watched/policy.yaml')
  const other = join(dir, 'other/policy.yaml')
  mkdirSync(join(dir, 'other'))
  linkSync(path, other)
  utimesSync(path, WRITTEN, WRITTEN)
  const { now } = Date
  t.intercept(Date, 'now', { value: () => now() + clock.ahead })

  let reads = 0
  const { PolicyWatch } = await t.mockImport<typeof import('../../src/gateway/loading/policy-watch.js')>(
    '../../src/gateway/loading/policy-watch.js',
    {
      '../../src/gateway/loading/policy-snapshot.js': {
        snapshotPolicy: (...asked: Parameters<typeof snapshotPolicy>) => {
          reads++
          return snapshotPolicy(...asked)
        },
      },
    },
  )
  const found: PolicySnapshot[] = []
  const watch = new PolicyWatch({
    path,
    poll: POLL,
    hash: snapshotPolicy(path).hash,
    extraFiles: () => [],
    onChange: snapshot => found.push(snapshot),
  })
  t.teardown(() => watch.close())
  const until = async (what: () => boolean) => {
    for (let waited = 0; !what(); waited += POLL) {
      if (waited > 20_000) throw new Error('it did not happen')
      await sleep(POLL)
    }
  }
  return { path, other, found, reads: () => reads, until }
}

t.test('a file that nobody touches is read seldom, and a change is found by the next look', async t => {
  const { path, other, found, reads, until } = await watchQuietly(t, { ahead: 60_000 })
  await until(() => reads() > 0)
  for (let index = 0; index < 4; index++) {
    // Somebody else's, in the same directory.
    writeFileSync(join(path, '../audit.jsonl'), '{}\n')
    await sleep(10 * POLL)
  }
  t.equal(reads(), 1)

  // As hard to notice as it gets: no event, the same length, the same time of change.
  writeFileSync(other, 'version: 2\n')
  utimesSync(other, WRITTEN, WRITTEN)
  await until(() => found.length > 0)
  t.equal(found[0]?.files[0]?.text, 'version: 2\n')
})

t.test('it is read all the same once in a while', async t => {
  const clock = { ahead: 60_000 }
  const { reads, until } = await watchQuietly(t, clock)
  await until(() => reads() > 0)
  clock.ahead += 60_000
  await until(() => reads() > 1)
  await sleep(10 * POLL)
  t.equal(reads(), 2)
})

t.test('what has only just been written is read by every look', async t => {
  const { other, found, reads, until } = await watchQuietly(t, { ahead: 0 })
  await until(() => reads() > 5)
  t.pass('again and again')
  appendFileSync(other, '# more\n')
  await until(() => found.length > 0)
})

for (const code of ['EMFILE', 'ENFILE', 'ENOMEM'])
  t.test(`a policy that cannot be read for ${code} is looked at again, and is not reported`, async t => {
    const dir = t.testdir({ 'policy.yaml': 'version: 1\n', 'ca.pem': 'one' })
    const path = join(dir, 'policy.yaml')
    const extra = join(dir, 'ca.pem')
    let starved: string | undefined
    let refused = 0
    const { readRegularFile } = await import('../../src/gateway/loading/read-regular-file.js')
    const loading = '../../src/gateway/loading'
    const reading = {
      [`${loading}/read-regular-file.js`]: {
        readRegularFile(file: string) {
          if (file !== starved) return readRegularFile(file)
          refused++
          throw Object.assign(new Error(code), { code, path: file })
        },
      },
    }
    const source = await t.mockImport(`${loading}/policy-source.js`, reading)
    const snapshots = await t.mockImport(`${loading}/policy-snapshot.js`, {
      ...reading,
      [`${loading}/policy-source.js`]: source,
    })
    const { PolicyWatch } = await t.mockImport<typeof import('../../src/gateway/loading/policy-watch.js')>(
      `${loading}/policy-watch.js`,
      { [`${loading}/policy-snapshot.js`]: snapshots },
    )
    const found: PolicySnapshot[] = []
    const watch = new PolicyWatch({
      path,
      poll: POLL,
      hash: snapshotPolicy(path, [extra]).hash,
      extraFiles: () => [extra],
      onChange: snapshot => found.push(snapshot),
    })
    t.teardown(() => watch.close())
    for (const file of [path, extra]) {
      starved = file
      refused = 0
      appendFileSync(path, '# more\n')
      // For longer than it takes for content to count.
      const begun = performance.now()
      while (refused < 10 || performance.now() - begun < 600) await sleep(POLL)
      t.same(found, [])
      starved = undefined
      while (found.length === 0) await sleep(POLL)
      t.match(found.splice(0), [{ error: undefined, files: [{ text: /# more\n$/ }] }])
    }
  })

t.test('a directory in which something is written all the time', async t => {
  const dir = t.testdir({ 'policy.yaml': 'version: 1\n' })
  const path = join(dir, 'policy.yaml')
  const writer = spawn(process.execPath, ['-e', WRITE_ALL_THE_TIME, join(dir, 'audit.jsonl')])
  t.teardown(() => writer.kill())
  await once(writer.stdout, 'data')
  const found: PolicySnapshot[] = []
  const watch = new PolicyWatch({
    path,
    poll: 3_600_000,
    hash: snapshotPolicy(path).hash,
    extraFiles: () => [],
    onChange: snapshot => found.push(snapshot),
  })
  t.teardown(() => watch.close())
  for (const text of ['version: 2\n', 'version: 3\n']) {
    const began = performance.now()
    writeFileSync(path, text)
    while (found.at(-1)?.files[0]?.text !== text && performance.now() - began < 5_000) await sleep(POLL)
    t.equal(found.at(-1)?.files[0]?.text, text, 'is found by events alone, in less than 5 s')
  }
})

t.test('the files that it names are known by their bytes', t => {
  const dir = t.testdir({ 'policy.yaml': 'version: 1\n', 'ca.pem': 'one' })
  const path = join(dir, 'policy.yaml')
  const ca = join(dir, 'ca.pem')
  utimesSync(ca, WRITTEN, WRITTEN)
  const before = snapshotPolicy(path, [ca])
  writeFileSync(ca, 'two')
  utimesSync(ca, WRITTEN, WRITTEN)
  const after = snapshotPolicy(path, [ca])
  t.not(after.hash, before.hash)
  t.equal(after.content, before.content)
  writeFileSync(ca, 'one')
  t.equal(snapshotPolicy(path, [ca]).hash, before.hash, 'and by nothing else')
  t.end()
})
