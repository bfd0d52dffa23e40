import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { MAIN } from '../helpers/gateway.js'
import { workDir } from '../helpers/work-dir.js'

const ENTRIES = 20_000

t.test('whoever reads late reads all of a long output', async t => {
  const origins = Array.from({ length: ENTRIES }, (_, index) => `         - "http://o${index}.example"`)
  const dir = workDir(t, {
    'policy.yaml': `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes:
  - id: api
    path: /**
    upstream: api
    cors:
     - allowMethods: [GET]
       allowOrigins:
${origins.join('\n')}
`,
    'audit.jsonl': origins
      .map((_, index) =>
        JSON.stringify({
          ...{ schema: 1, event: 'cors.denied', time: '2027-01-01T00:00:00.000Z', outcome: 'denied' },
          ...{ kind: 'actual', enforced: true, reason: 'origin-not-allowed', route: 'api', method: 'GET' },
          ...{ origin: `https://o${index}.example`, host: 'api.example', path: '/', status: 403, count: 1 },
          ...{ client: '127.0.0.1', requestId: 'r', policyRevision: 'f'.repeat(64) },
        }),
      )
      .join('\n'),
  })
  const rows: readonly (readonly [args: readonly string[], code: number])[] = [
    [['check', 'policy.yaml', '--format', 'json', '--fail-on', 'warning'], 1],
    [['audit', 'report', 'audit.jsonl', '--format', 'json', '--top', String(ENTRIES)], 0],
  ]
  for (const [args, code] of rows) {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    // The first of it is there, and nothing takes it: more than a pipe holds has to wait.
    await once(child.stdout, 'readable')
    const written = await text(child.stdout)
    t.ok(written.length > 1_000_000, `${args}: ${written.length} bytes`)
    t.doesNotThrow(() => JSON.parse(written), `${args}: to its end`)
    t.equal((await ended)[0], code)
  }
})
