import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { freePort } from '../helpers/free-port.js'
import { MAIN, runCli, startGateway } from '../helpers/gateway.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'

const NAMESPACE = process.getuid?.() === 0 ? ['-m'] : ['-rm']
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

test('every script of package.json has its row in CONTRIBUTING.md', async t => {
  const rows =
    readFileSync('CONTRIBUTING.md', 'utf8')
      .match(/^\| `.*$/gm)
      ?.join('\n') ?? ''
  const named = Array.from(rows.matchAll(/`(?:npm (?:run )?)?([a-z:]+)`/g), ([, name]) => name)
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const name of Object.keys(scripts)) t.ok(named.includes(name), name)
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
  const noHost = await runCli(['healthcheck', '--admin', ':9901'])
  t.same([noHost.code, noHost.stdout], [2, ''])
  t.match(noHost.stderr, /":9901" names no host: say 127.0.0.1:9901/, 'as serve says it')
  const fromVariable = await runCli(['healthcheck'], { CROSSGATE_ADMIN: ':9901' })
  t.match(fromVariable, { code: 2, stderr: /^crossgate: CROSSGATE_ADMIN: ":9901" names no host/ })
  const files = t.testdir({
    'here.yaml': `admin: 127.0.0.1:${port}\n`,
    'off.yaml': 'admin: off\n',
    'bad.yaml': 'admin: 1\n',
  })
  const fileOf = (name: string) => ({ CROSSGATE_SETTINGS: join(files, name) })
  const nowhere = `127.0.0.1:${await freePort()}`
  status = 200
  t.equal(
    (await runCli(['healthcheck'], fileOf('here.yaml'))).code,
    0,
    "the settings file's, as serve reads it",
  )
  t.equal((await runCli(['healthcheck', '--settings', join(files, 'here.yaml')], fileOf('off.yaml'))).code, 0)
  t.equal((await runCli(['healthcheck'], { ...fileOf('here.yaml'), CROSSGATE_ADMIN: nowhere })).code, 1)
  t.equal((await runCli(['healthcheck', '--admin', nowhere], fileOf('here.yaml'))).code, 1)
  t.equal(
    (await runCli(['healthcheck', '--admin', `127.0.0.1:${port}`], fileOf('bad.yaml'))).code,
    0,
    'read no more than needed',
  )
  const fileOff = await runCli(['healthcheck'], fileOf('off.yaml'))
  t.match(fileOff, { code: 2, stderr: /off.yaml:1:8: admin: it is off: the gateway has no admin listener/ })
  const bad = await runCli(['healthcheck'], fileOf('bad.yaml'))
  t.match(bad, { code: 2, stderr: /bad.yaml:1:8: error wrong-type {2}`admin` must be text/ })
  status = 503
  const off = await runCli(['healthcheck', '--admin', 'off'])
  t.match(off, { code: 2, stderr: 'crossgate: --admin: it is off: the gateway has no admin listener to ask' })
  for (const timeout of ['0', '0.0', '601', '1e2', 'x', '']) {
    const refused = { code: 2, stderr: /Write a number of seconds above 0, 600 at most/ }
    t.match(await runCli(['healthcheck', '--timeout', timeout]), refused, timeout)
  }
  const silent = createServer(() => {})
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const asked = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  const late = await runCli(['healthcheck', '--admin', asked, '--timeout', '0.0505'])
  t.match(late, { code: 1, stdout: 'no answer in 0.051 s' })
})

/** An address of this machine that others dial; undefined where it has none. */
const OWN_ADDRESS = Object.values(networkInterfaces())
  .flatMap(addresses => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

test('doctor finds the way around the gateway', async t => {
  const upstream = await startUpstream(t)
  const everywhere = createServer((_, response) => response.end()).listen(0, '0.0.0.0')
  await once(everywhere, 'listening')
  t.teardown(() => everywhere.close())
  const { port } = everywhere.address() as AddressInfo
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
    `http://localhost:${port}`,
    '--gateway',
    gateway.url,
  ])
  if (OWN_ADDRESS !== undefined) {
    t.equal(open.code, 1)
    t.match(
      open.stdout,
      /^ok {6}bypass: http:\/\/127\.0\.0\.1:\d+ answers 200 to what runs on this machine, and on none of its/m,
    )
    const bound = new RegExp(
      `^problem bypass: http://${OWN_ADDRESS}:${port}/ answers 200 without the gateway: bind it to 127`,
      'm',
    )
    t.match(open.stdout, bound)
  } else t.match(open.stdout, /^unknown bypass: .* has no other address to try/m)
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
  const { checks } = JSON.parse(shut.stdout) as { checks: { check: string; status: string }[] }
  t.equal(checks.find(({ check }) => check === 'bypass')?.status, 'ok')
  t.equal((await runCli(['doctor', '--around', 'ftp://x'])).code, 2)
})

test('doctor knows a name that is not there from a shut door, and what is no HTTP from one', async t => {
  const other = createTcpServer(socket => socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n'))
  other.listen(0, '0.0.0.0')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const around = ['http://orders.invalid', `http://127.0.0.1:${port}`, `http://127.0.0.1:${await freePort()}`]
  const { code, stdout } = await runCli(['doctor', '--around', ...around])
  t.match(stdout, /^unknown bypass: http:\/\/orders\.invalid: its name/m)
  if (OWN_ADDRESS !== undefined) {
    t.equal(code, 1)
    t.match(stdout, /^problem bypass: http:\/\/[\d.]+:\d+\/ answers, though not in HTTP, without/m)
  } else t.match(stdout, /^unknown bypass: .* answers, though not in HTTP, to what runs on this machine/m)
  t.match(stdout, /^ok {6}bypass: http:\/\/127\.0\.0\.1:\d+ cannot be reached from here: connection refused/m)
})

test('doctor finds a policy that is mounted as a single file, and short limits', {
  skip: noNamespaces(),
}, t => {
  const dir = workDir(t)
  const mount = join(dir, 'etc cross')
  mkdirSync(mount)
  const file = join(mount, 'policy.yaml')
  for (const path of [file, join(dir, 'other.yaml')]) writeFileSync(path, readFileSync('config/policy.yaml'))
  // In a mount namespace of its own, with what a kubelet's subPath and a container's memory limit look like.
  const doctor = (prepare: string) =>
    spawnSync(
      'unshare',
      [...NAMESPACE, 'sh', '-ec', `${prepare}\nexec "$NODE" "$MAIN" doctor --policy "$POLICY"`],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], NODE: process.execPath, MAIN, POLICY: mount, DIR: dir },
      },
    )

  const fine = doctor('ulimit -n 5000')
  t.equal(fine.status, 0, fine.stderr)
  t.match(fine.stdout, /^ok {6}mount: .*etc cross: plain files/m)
  t.match(fine.stdout, /^ok {6}limits: 5000 open files$/m)

  const single = doctor('mount --bind "$DIR/other.yaml" "$POLICY/policy.yaml"')
  t.equal(single.status, 1, single.stderr)
  t.match(
    single.stdout,
    /^problem mount: .*etc cross\/policy\.yaml is mounted as a single file \(subPath\?\)/m,
  )

  const directory = doctor('mount --bind "$DIR" "$POLICY"')
  t.match(directory.stdout, /^ok {6}mount: /m, 'a directory is as it should be')

  const short = doctor(
    'ulimit -n 1024\nmount -t tmpfs none /sys/fs/cgroup\necho 67108864 > /sys/fs/cgroup/memory.max',
  )
  t.equal(short.status, 1, short.stderr)
  t.match(short.stdout, /^problem limits: 1024 open files: .* Allow at least 4096$/m)
  t.match(short.stdout, /^problem limits: 64 MiB of memory: give each worker at least 128 MiB$/m)
  t.end()
})

function noNamespaces(): string | false {
  if (spawnSync('unshare', [...NAMESPACE, 'true']).status === 0) return false
  if (process.env['CI'] === 'true') throw new Error('no mount namespace can be made here')
  return 'no mount namespace can be made here (unshare)'
}
