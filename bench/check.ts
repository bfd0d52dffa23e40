// How long `crossgate check` takes for 1,000 routes and 100,000 origins, start of the process included: the best of
// three runs. Exits 1 above three seconds. `npm run bench:check`
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crossgatePolicy, LARGE } from './policy-sizes.js'

const { routes: ROUTES, origins: ORIGINS } = LARGE
const LIMIT = 3000
const HEAD = 'version: 1\nupstreams: { u: { url: http://u.internal } }\n'

const dir = mkdtempSync(join(tmpdir(), 'crossgate-'))
let worst = 0
try {
  for (const [name, text] of Object.entries({
    'one set': crossgatePolicy(LARGE, 'http://u.internal'),
    'a list in every rule': manyLists(),
  })) {
    const file = join(dir, 'policy.yaml')
    writeFileSync(file, text)
    const times = [1, 2, 3].map(() => timeOf(file))
    const best = Math.min(...times)
    worst = Math.max(worst, best)
    console.log(
      `${ROUTES} routes, ${ORIGINS} origins, ${name}: ${best.toFixed(0)} ms (of ${times.map(ms => ms.toFixed(0)).join(', ')})`,
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

function manyLists(): string {
  const list = (route: number) =>
    Array.from(
      { length: ORIGINS / ROUTES },
      (_, index) => `\n          - https://site-${route}-${index}.shop.example`,
    ).join('')
  return `${HEAD}routes:\n${routes(list)}`
}

function routes(origins: (route: number) => string): string {
  const one = (index: number) => `  - id: r${index}
    hosts: [api.shop.example]
    path: /service/${index}/**
    upstream: u
    cors:
      - allowMethods: [GET, POST]
        allowHeaders: [content-type]
        maxAge: 10m
        allowOrigins: ${origins(index)}
`
  return Array.from({ length: ROUTES }, (_, index) => one(index)).join('')
}
