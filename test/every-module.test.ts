import { readdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'src')
const READING = new Set(['FSReqCallback', 'FSReqPromise', 'CloseReq', 'FileHandle'])

// A file that no test loads is not counted at all, so that full coverage would not mean every file.
t.test('every module loads by itself, and does nothing by being loaded', async t => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && name !== 'cli/main.ts')
    .sort()
  for (const file of files) {
    const url = pathToFileURL(resolve(ROOT, file)).href.replace(/\.ts$/, '.js')
    const before = openNow()
    await t.resolves(import(url), `src/${file}`)
    t.strictSame(openNow(), before, `src/${file} opens nothing and waits for nothing`)
  }
})

/** Sockets, servers, watchers, timers and the listeners for signals of this process. Reading the module itself is none. */
function openNow(): readonly string[] {
  const signals = process.eventNames().filter(name => /^SIG/.test(String(name)))
  return [
    ...process.getActiveResourcesInfo().filter(name => !READING.has(name)),
    ...signals.flatMap(name => Array<string>(process.listenerCount(name)).fill(String(name))),
  ].sort()
}
