import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { auditOutlet } from '../../src/observe/log/audit-outlet.js'
import { LineSink } from '../../src/observe/log/line-sink.js'
import { Patience } from '../../src/observe/log/patience.js'
import { workDir } from '../helpers/work-dir.js'

function sink(path: string, bufferBytes = 1_000) {
  const seen = { written: 0, dropped: 0, failing: [] as string[], recovered: [] as number[] }
  const made = new LineSink({
    outlet: auditOutlet(path),
    bufferBytes,
    patience: new Patience(100, 5_000),
    retry: 250,
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

const dir = workDir(t)

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

t.test('a line larger than the buffer is kept where it is the first, so that it is tried again', async t => {
  const path = join(dir, 'small.log')
  symlinkSync('/dev/full', path)
  const { sink: out, seen } = sink(path, 1)
  out.write('larger\n')
  out.reopen()
  t.match(
    out.trouble,
    { code: 'ENOSPC', waiting: 1, dropped: 0 },
    'nothing was written, so nothing has recovered',
  )
  out.write('dropped\n')
  t.match(out.trouble, { waiting: 1, dropped: 1 })
  rmSync(path)
  out.reopen()
  t.equal(out.trouble, undefined)
  t.same(seen.recovered, [1])
  t.equal(readFileSync(path, 'utf8'), 'larger\n')
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

t.test('once closed it touches no file, whoever has its descriptor now', async t => {
  const path = join(dir, 'closed.log')
  const { sink: out, seen } = sink(path)
  out.write('one\n')
  out.close()
  const other = join(dir, 'other')
  const fd = openSync(other, 'w')
  out.write('two\n')
  out.reopen()
  out.close()
  writeFileSync(fd, 'of another')
  closeSync(fd)
  t.strictSame([readFileSync(path, 'utf8'), readFileSync(other, 'utf8')], ['one\n', 'of another'])
  t.strictSame([seen.written, seen.dropped], [1, 1], 'what comes too late counts as dropped')
})

t.test('what close(2) answers changes nothing for the next line', async t => {
  const fs = await import('node:fs')
  const { LineSink } = await t.mockImport<typeof import('../../src/observe/log/line-sink.js')>(
    '../../src/observe/log/line-sink.js',
    {
      'node:fs': {
        ...fs,
        closeSync(fd: number) {
          closeSync(fd)
          throw Object.assign(new Error('disk quota exceeded'), { code: 'EDQUOT' })
        },
      },
    },
  )
  const path = join(dir, 'quota.log')
  const told: unknown[] = []
  const out = new LineSink({
    outlet: auditOutlet(path),
    bufferBytes: 1_000,
    patience: new Patience(0),
    retry: 250,
    onCloseFailed: ({ code }) => told.push(code),
  })
  out.write('before\n')
  renameSync(path, `${path}.1`)
  out.reopen()
  const other = join(dir, 'of-another')
  const fd = openSync(other, 'w')
  out.write('after\n')
  t.same(
    [`${path}.1`, path, other].map(file => readFileSync(file, 'utf8')),
    ['before\n', 'after\n', ''],
  )
  out.close()
  t.same(told, ['EDQUOT', 'EDQUOT'])
  closeSync(fd)
})

t.test('a slow reader is one that fails: the process does not wait for it', async t => {
  const reader = await slowReader(join(dir, 'slow'))
  const { sink: out, seen } = sink(reader.path, 10_000_000)
  const lines = Array.from({ length: 100 }, (_, index) => `${index} `.padEnd(3_999, 'x'))
  const begun = performance.now()
  for (const line of lines) out.write(`${line}\n`)
  const took = performance.now() - begun
  // It takes over 6 s to read what does not fit into the pipe.
  t.ok(took < 1_500, `${Math.round(took)} ms`)
  t.same(seen.failing, ['EAGAIN'])
  t.ok(out.backlogBytes > 0)
  reader.hurry()
  while (out.failing) await once(reader.worker, 'message')
  t.same(seen.recovered, [0])
  out.close()
  t.equal(await reader.text(), lines.map(line => `${line}\n`).join(''), 'whole and in order')
})

t.test('the last attempt for what waits takes a second, not one for each line', async t => {
  const reader = await slowReader(join(dir, 'closing'))
  const { sink: out, seen } = sink(reader.path, 10_000_000)
  for (let index = 0; index < 100; index++) out.write(`${'x'.repeat(3_999)}\n`)
  t.ok(out.failing)
  const begun = performance.now()
  out.close()
  const took = performance.now() - begun
  t.ok(took < 2_500, `${Math.round(took)} ms`)
  t.ok(seen.dropped > 0)
  t.equal(seen.written + seen.dropped, 100)
  reader.hurry()
  await reader.text()
})

t.test('what cannot be opened is said in a sentence', async t => {
  writeFileSync(join(dir, 'plain'), '')
  t.throws(() => sink(join(dir, 'plain/audit.log')), {
    message: /cannot open the audit file .*plain\/audit\.log: .*plain leads through a file/,
  })
  t.throws(() => sink(join(dir, 'deep/er/audit.log')), { message: /there is no directory .*deep\/er;/ })
})

/** Another thread that reads a pipe, 4 KB in 80 ms, until nobody writes; posts a message for each. */
async function slowReader(path: string) {
  execFileSync('mkfifo', [path])
  const pause = new Int32Array(new SharedArrayBuffer(4)).fill(80)
  const worker = new Worker(READER, { eval: true, workerData: { path, pause } })
  const ended = once(worker, 'exit')
  const chunks: Buffer[] = []
  worker.on('message', (chunk: Uint8Array) => chunks.push(Buffer.from(chunk)))
  await once(worker, 'online')
  // Until it has opened the pipe, a writer that does not wait is refused.
  const fd = openSync(path, constants.O_RDWR)
  await once(worker, 'message')
  setImmediate(() => closeSync(fd))
  return {
    path,
    worker,
    hurry: () => Atomics.store(pause, 0, 0),
    text: async () => {
      await ended
      return Buffer.concat(chunks).toString()
    },
  }
}

const READER = `
const { openSync, readSync } = require('node:fs')
const { parentPort, workerData: { path, pause } } = require('node:worker_threads')
const fd = openSync(path)
parentPort.postMessage(new Uint8Array(0))
const chunk = new Uint8Array(4096)
const nobody = new Int32Array(new SharedArrayBuffer(4))
for (let length; (length = readSync(fd, chunk)) > 0; ) {
  parentPort.postMessage(chunk.slice(0, length))
  Atomics.wait(nobody, 0, 0, pause[0])
}`
