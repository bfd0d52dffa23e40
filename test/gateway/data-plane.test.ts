import { join } from 'node:path'
import t from 'tap'
import { openDataPlane } from '../../src/gateway/data-plane.js'
import { openParts } from '../../src/gateway/open-parts.js'
import { readSettings } from '../../src/read-settings.js'

t.test('one that has stopped leaves no timer', async t => {
  const dir = t.testdir({
    'policy.yaml':
      'version: 1\nupstreams: { u: { url: "http://127.0.0.1:9" } }\nroutes: [{ id: r, path: /**, upstream: u }]\n',
  })
  const flags = {
    policy: join(dir, 'policy.yaml'),
    listen: '127.0.0.1:0',
    auditFile: join(dir, 'audit.jsonl'),
  }
  const read = readSettings({ flags, env: {}, file: new Map() })
  if ('errors' in read) throw new Error(read.errors.join())
  const opened = await openParts(read.settings, new AbortController().signal)
  if ('exit' in opened) throw new Error(opened.message)
  t.teardown(() => {
    opened.records.audit.close()
    opened.records.sink.close()
  })

  const timers = new Set<unknown>()
  const { setInterval } = globalThis
  t.intercept(globalThis, 'setInterval', {
    value: (...args: Parameters<typeof setInterval>) => {
      const timer = setInterval(...args)
      timers.add(timer)
      return timer
    },
  })
  const ended = t.capture(globalThis, 'clearInterval', globalThis.clearInterval)
  const plane = await openDataPlane(read.settings, opened)
  await plane.listen()
  t.ok(timers.size >= 2, `${timers.size} were started`)
  await plane.stop({ delay: 0, timeout: 0 })
  for (const { args } of ended()) timers.delete(args[0])
  t.equal(timers.size, 0)
})
