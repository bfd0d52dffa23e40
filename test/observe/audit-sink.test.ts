import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { AuditSink } from '../../src/observe/audit-sink.js'

function sink(path: string, bufferBytes = 1_000) {
  const seen = { written: 0, dropped: 0, failing: [] as string[], recovered: [] as number[] }
  const made = new AuditSink({
    path,
    bufferBytes,
    onWritten: () => {
      seen.written++
    },
    onDropped: () => {
      seen.dropped++
    },
    onFailing: ({ code }) => seen.failing.push(code ?? ''),
    onRecovered: dropped => seen.recovered.push(dropped),
  })
  return { sink: made, seen }
}

const dir = mkdtempSync(join(tmpdir(), 'crossgate-sink-'))
t.teardown(() => rmSync(dir, { recursive: true, force: true }))

t.test('a line is in the file when write returns', async t => {
  const path = join(dir, 'first.log')
  const { sink: out, seen } = sink(path)
  out.write('one\n')
  t.equal(readFileSync(path, 'utf8'), 'one\n')
  t.equal(seen.written, 1)
  out.close()
})

t.test('a full disk: bounded, counted, in order, and it recovers by reopening', async t => {
  const path = join(dir, 'full.log')
  symlinkSync('/dev/full', path)
  const { sink: out, seen } = sink(path, 100)
  for (let index = 0; index < 50; index++) out.write(`line ${String(index).padStart(4, '0')}\n`)
  t.same(seen.failing, ['ENOSPC'], 'said once')
  t.ok(out.failing)
  t.equal(out.backlogBytes, 100)
  t.equal(seen.dropped, 40)
  rmSync(path)
  out.reopen()
  t.notOk(out.failing)
  t.same(seen.recovered, [40])
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  t.same(
    lines,
    Array.from({ length: 10 }, (_, index) => `line ${String(index).padStart(4, '0')}`),
  )
  t.equal(seen.written, 10)
  out.close()
})

t.test('a rename and reopen loses nothing and splits nothing', async t => {
  const path = join(dir, 'rotate.log')
  const { sink: out } = sink(path)
  out.write('before\n')
  renameSync(path, `${path}.1`)
  out.write('still to the old file\n')
  out.reopen()
  out.write('after\n')
  t.equal(readFileSync(`${path}.1`, 'utf8'), 'before\nstill to the old file\n')
  t.equal(readFileSync(path, 'utf8'), 'after\n')
  out.close()
})

t.test('what cannot be opened is said in a sentence', async t => {
  writeFileSync(join(dir, 'plain'), '')
  t.throws(() => sink(join(dir, 'plain/audit.log')), {
    message: /cannot open the audit file .*plain\/audit\.log: .*plain leads through a file/,
  })
  t.throws(() => sink(join(dir, 'deep/er/audit.log')), { message: /there is no directory .*deep\/er;/ })
})
