import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { freePort } from '../helpers/free-port.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { startUpstream } from '../helpers/upstream.js'

const TOP = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'config', 'dist', 'docs', 'package.json']
const ALLOWED =
  /^(?:dist\/(?:[\w-]+\/)*[\w-]+\.js|config\/[\w.-]+\.(?:yaml|json)|docs\/(?:[\w-]+\/)*[\w.-]+\.(?:md|svg|png)|package\.json|LICENSE|(?:README|CHANGELOG|SECURITY)\.md)$/

test('npm pack holds the program and its papers, and nothing else', async t => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString(),
  ) as [{ files: { path: string }[]; unpackedSize: number }]
  const paths = packed.files.map(({ path }) => path)
  t.same([...new Set(paths.map(path => path.split('/')[0]!))].sort(), TOP)
  for (const path of paths) t.match(path, ALLOWED, path)
  for (const path of ['dist/cli/main.js', 'config/policy.yaml', 'docs/settings.md'])
    t.ok(paths.includes(path), path)
  t.ok(packed.unpackedSize < 3 * 1024 ** 2, `${packed.unpackedSize} bytes`)
})

test('the SBOM names every package that is shipped, and no other', async t => {
  const made = execFileSync('scripts/sbom.sh', ['cyclonedx'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sbom = JSON.parse(made.toString()) as { bomFormat: string; components: Record<string, string>[] }
  t.equal(sbom.bomFormat, 'CycloneDX')
  const named = sbom.components.map(
    ({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`,
  )
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; version: string }>
  }
  const shipped = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
  t.same([...new Set(named)].sort(), [...new Set(shipped)].sort())
})

test('the lockfile knows every platform’s packages, or npm ci refuses it', async t => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>
  }
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      t.ok(
        `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages,
        `${path} ${name}`,
      )
    }
  }
})

test('the release is one version, from tests to image', async t => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const chart of ['crossgate', 'crossgate-sidecar']) {
    const { appVersion } = parse(readFileSync(`helm/${chart}/Chart.yaml`, 'utf8'))
    t.equal(appVersion, version, chart)
  }
  const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8'))
  t.same(Object.keys(jobs), ['test', 'package', 'image', 'chart'])
  for (const job of ['package', 'image']) t.equal(jobs[job].needs, 'test')
  t.equal(jobs.chart.needs, 'image')
})

test('healthcheck asks the admin listener, and says what it heard', async t => {
  let status = 200
  const server = createServer((_, response) => response.writeHead(status).end())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const ready = await runCli(['healthcheck'], { CROSSGATE_ADMIN: `0.0.0.0:${port}` })
  t.same([ready.code, ready.stdout], [0, `ready: 127.0.0.1:${port}/readyz answered 200\n`])
  status = 503
  t.equal((await runCli(['healthcheck', '--admin', `127.0.0.1:${port}`])).code, 1)
  const nobody = await runCli(['healthcheck', '--admin', `127.0.0.1:${await freePort()}`])
  t.equal(nobody.code, 1)
  t.match(nobody.stdout, /ECONNREFUSED/)
  const wrong = await runCli(['healthcheck', '--admin', 'nowhere'])
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, /is not HOST:PORT/)
})

test('doctor finds the way around the gateway', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: `version: 1\nupstreams: { api: { url: "${upstream.url}" } }\nroutes: [{ id: api, path: /**, upstream: api }]\n`,
  })
  const policy = join(gateway.dir, 'policy.yaml')
  const open = await runCli([
    'doctor',
    '--policy',
    policy,
    '--around',
    upstream.url,
    '--gateway',
    gateway.url,
  ])
  t.equal(open.code, 1)
  t.match(open.stdout, /^problem bypass: http:\/\/127\.0\.0\.1:\d+ answers 200 without the gateway/m)
  t.match(open.stdout, /^ok {6}clock: /m)
  t.match(open.stdout, /^ok {6}mount: /m)
  const shut = await runCli([
    'doctor',
    '--policy',
    policy,
    '--around',
    `http://127.0.0.1:${await freePort()}`,
    '--format',
    'json',
  ])
  const results = JSON.parse(shut.stdout) as { check: string; status: string }[]
  t.equal(results.find(({ check }) => check === 'bypass')?.status, 'ok')
  t.equal((await runCli(['doctor', '--around', 'ftp://x'])).code, 2)
})
