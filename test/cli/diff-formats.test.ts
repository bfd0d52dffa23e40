import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommands } from '../helpers/commands.js'

const many = (count: number) => Array.from({ length: count }, (_, index) => `https://shop-${index}.example`)
const policy = (path: string, origins: readonly string[]) => `version: 1
upstreams: { api: { url: http://api.internal } }
routes:
  - { id: gone, path: ${path}, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
  - id: orders
    hosts: [api.shop.example]
    path: /orders/**
    upstream: api
    cors: [{ allowOrigins: [https://www.shop.example${origins.map(text => `, ${text}`).join('')}], allowMethods: [GET], allowCredentials: true }]
`
const OLD = policy('/gone/**', [])

t.test('a pull-request comment says where each change is, and what comes of it', async t => {
  const [moved = '', allowed = '', same = '', narrower = ''] = await diffs(t, [
    [OLD, policy('/gone2/**', []), '--format', 'markdown'],
    [OLD, policy('/gone2/**', []), '--format', 'markdown', '--allow-widening'],
    [OLD, OLD, '--format', 'markdown'],
    [policy('/gone/**', many(1)), OLD, '--format', 'markdown'],
  ])
  t.match(
    moved,
    /^### CORS policy: 1 wider, 2 narrower, 1 neutral\n\n\*\*Widens: fails unless --allow-widening\.\*\*\n/,
  )
  t.match(moved, '| **wider** | gone | any host, `/gone2/**` | any other origin | May now use GET. |')
  t.match(moved, '| narrower | gone | any host, `/gone/**` |  | No longer served. |')
  t.match(moved, '| May no longer use GET. Browsers may go on')
  t.match(moved, 'A pattern stands for those origins')
  t.match(allowed, '**Widens, and passes by --allow-widening.**')
  t.match(same, '### CORS policy: no change in effect')
  t.match(narrower, '**Widens nothing.**')
  t.notMatch(narrower, 'A pattern stands')
})

t.test('every origin of a change can be seen, or it is said that some cannot', async t => {
  const [text = '', markdown = '', json = '', long = '', longText = ''] = await diffs(t, [
    [OLD, policy('/gone/**', many(60))],
    [OLD, policy('/gone/**', many(60)), '--format', 'markdown'],
    [OLD, policy('/gone/**', many(60)), '--format', 'json'],
    [OLD, policy('/gone/**', many(5000)), '--format', 'markdown'],
    [OLD, policy('/gone/**', many(5000))],
  ])
  for (const [name, told] of Object.entries({ text, markdown, json })) {
    t.strictSame(new Set(told.match(/https:\/\/shop-\d+\.example/g)), new Set(many(60)), name)
  }
  t.match(text, /^widens: fails unless --allow-widening$/m)
  t.match(markdown, '<summary>wider, orders: 60 origins: may now use GET; credentials</summary>')
  t.notMatch(text + markdown, /more: --format json|Left out/)

  t.ok(long.length > 30_000 && long.length < 65_536, `${long.length} characters`)
  const shown = new Set(long.match(/https:\/\/shop-\d+\.example/g)).size
  t.match(long, `Left out, since a comment has its limit: ${5000 - shown} origins.`)
  t.match(long, '`crossgate diff --format json` has all.')
  t.match(longText, 'and 4500 more: --format json names all')
})

t.test('a comment about very many routes is short enough, too', async t => {
  const routes = (path: string) => `version: 1
upstreams: { api: { url: http://api.internal } }
routes:
${many(600)
  .map(
    (origin, index) =>
      `  - { id: r${index}, path: /${path}${index}, upstream: api, cors: [{ allowOrigins: [${origin}], allowMethods: [GET] }] }`,
  )
  .join('\n')}
`
  const [long = ''] = await diffs(t, [[routes('a'), routes('b'), '--format', 'markdown']])
  t.ok(long.length > 20_000 && long.length < 65_536, `${long.length} characters`)
  const rows = long.match(/^\| (?:\*\*wider|narrower|neutral)/gm)?.length ?? 0
  const [, all = '', others = ''] = /: (\d+) wider, (\d+) narrower/.exec(long) ?? []
  t.ok(Number(all) >= 600 && Number(others) >= 600)
  const missing = Number(/Left out, since a comment has its limit: (\d+) changes\./.exec(long)?.[1])
  const neutral = Number(/(\d+) neutral/.exec(long)?.[1] ?? 0)
  t.equal(rows + missing, Number(all) + Number(others) + neutral)
})

/** What `diff` writes of each pair of policies. */
async function diffs(
  t: Test,
  pairs: readonly (readonly [before: string, after: string, ...flags: string[]])[],
): Promise<readonly string[]> {
  const dir = t.testdir()
  const invocations = pairs.map(([before, after, ...flags], index) => {
    writeFileSync(join(dir, `${index}-old.yaml`), before)
    writeFileSync(join(dir, `${index}-new.yaml`), after)
    return ['diff', `${index}-old.yaml`, `${index}-new.yaml`, ...flags]
  })
  const results = await runCommands(dir, invocations)
  return results.map(({ stdout }) => stdout)
}
