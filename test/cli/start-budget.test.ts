import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { MAIN, startGateway } from '../helpers/gateway.js'
import { preflight, send } from '../helpers/send.js'
import { spawnNode } from '../helpers/spawn-node.js'

/**
 * Nearly all of the time to the first answer is the reading of modules, so what is read is a budget: a name here is a
 * choice. Times would depend on the machine; the list of files that V8 has compiled does not.
 */
const PACKAGES = `
  @fastify/error @fastify/forwarded @fastify/http-proxy @fastify/proxy-addr @fastify/reply-from @opentelemetry/api
  @pinojs/redact @prometheus-io/client abstract-logging atomic-sleep avvio bintrees commander end-of-stream
  fast-content-type-parse fast-decode-uri-component fast-deep-equal fast-json-stringify fast-querystring fastify
  fastify-plugin fastq find-my-way ipaddr.js on-exit-leak-free once pino pino-std-serializers process-warning
  quick-format-unescaped ret reusify rfdc safe-regex2 safe-stable-stringify secure-json-parse semver sonic-boom tdigest
  thread-stream toad-cache undici wrappy ws yaml zod`
  .trim()
  .split(/\s+/)

/** Rooms of src, and files of src/cli, that serving has no use for. */
const OTHERS = new RegExp(
  [
    /^(scan|report(?!\/display-text\.js$)|admin|observe\/reading|cors\/browser)\//,
    /^attack\/crafted-/,
    /^cli\/(?!(main|serve|long-run|signals|given\/(given-settings|misspelt-variables|offered-values)|terminal\/(complain|terminal|usage-hint))\.js$)/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

const LIST_SCRIPTS = pathToFileURL(resolve(import.meta.dirname, '../helpers/list-scripts.mjs')).href

t.test('serving reads these packages and no others, and nothing of the other commands', async t => {
  const { packages, own } = await readToServe(t, 'https://app.example')
  t.strictSame(packages, PACKAGES)
  t.ok(own.includes('cli/serve.js') && own.length > 50, `${own.length} files of its own were seen`)
  t.strictSame(
    own.filter(file => OTHERS.test(file)),
    [],
  )
})

t.test('the public suffix list is read only where an entry asks for it', async t => {
  const { packages } = await readToServe(t, 'https://*.app.example')
  t.strictSame(packages, [...PACKAGES, 'tldts'].sort())
})

t.test('a health check reads one library, and the settings file only where it has to', async t => {
  const dir = t.testdir({ 's.yaml': 'admin: 127.0.0.1:1\n' })
  const list = join(dir, 'scripts')
  const check = async (env: Record<string, string>) => {
    const child = spawnNode(['--import', LIST_SCRIPTS, MAIN, 'healthcheck'], { SCRIPTS: list, ...env })
    const [code] = await once(child, 'close')
    t.equal(code, 1)
    return filesIn(readFileSync(list, 'utf8').split('\n')).packages
  }
  const settings = { CROSSGATE_SETTINGS: join(dir, 's.yaml') }
  t.strictSame(await check({ ...settings, CROSSGATE_ADMIN: '127.0.0.1:1' }), ['commander'])
  t.strictSame(await check({}), ['commander'])
  t.strictSame(await check(settings), ['commander', 'yaml', 'zod'])
})

/** What a gateway has read that has started and answered one preflight. */
async function readToServe(t: Test, origin: string) {
  const list = join(t.testdir(), 'scripts')
  const gateway = await startGateway(t, {
    policy: `
version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["${origin}"], allowMethods: [GET] }] }]
`,
    flags: ['--admin', 'off'],
    nodeFlags: ['--import', LIST_SCRIPTS],
    env: { SCRIPTS: list },
  })
  const { status } = await send(gateway.port, preflight(origin.replace('*', 'shop'), 'GET'))
  t.equal(status, 204)
  t.equal(await gateway.stop(), 0)
  return filesIn(readFileSync(list, 'utf8').split('\n'))
}

function filesIn(urls: readonly string[]) {
  const found = (pattern: RegExp) => [...new Set(urls.flatMap(url => pattern.exec(url)?.[1] ?? []))].sort()
  return { packages: found(PACKAGE), own: found(OWN) }
}

const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//
const OWN = /^(?!.*\/node_modules\/).*\/dist\/(.+\.js)$/
