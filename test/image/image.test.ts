import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type Test, test } from 'tap'
import { freePort } from '../helpers/free-port.js'
import { preflight, send } from '../helpers/send.js'
import { steadyLoad } from '../helpers/steady-load.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'
import { buildah } from './buildah.js'
import { type Container, createContainer, imageConfig } from './container.js'
import { ensureBases } from './local-bases.js'

/**
 * The image, built from the Dockerfile as it stands and run as the platform would: as 65532, as PID 1, on a read-only
 * root. Needs root, buildah and debootstrap; `npm run test:image`.
 */
test('the image', { timeout: 900_000 }, async t => {
  const container = await built(t)

  await t.test('is configured to run as nobody, without a shell, a package manager or an init', async t => {
    const config = await imageConfig(IMAGE)
    t.equal(config.User, '65532:65532')
    t.same(config.Entrypoint, ['node', '/app/dist/cli/main.js'])
    t.same(config.Cmd, ['serve'])
    t.equal(config.StopSignal, 'SIGTERM')
    t.same(Object.keys(config.ExposedPorts ?? {}).sort(), ['8080/tcp', '9901/tcp'])
    t.same(config.Healthcheck?.Test, ['CMD', 'node', '/app/dist/cli/main.js', 'healthcheck'])
    t.match(config.Labels, {
      'org.opencontainers.image.title': 'crossgate',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.version': '9.9.9',
      'org.opencontainers.image.revision': 'f00',
    })
    for (const tool of ['sh', 'bash', 'apt', 'apt-get', 'dpkg', 'npm', 'npx', 'corepack']) {
      for (const dir of ['bin', 'usr/bin', 'usr/local/bin', 'nodejs/bin', 'sbin', 'usr/sbin']) {
        t.notOk(entries(join(container.root, dir)).includes(tool), `no /${dir}/${tool}`)
      }
    }
  })

  await t.test('holds what runs and nothing else', async t => {
    t.same(entries(join(container.root, 'app')).sort(), ['LICENSE', 'dist', 'node_modules', 'package.json'])
    const commands = entries(join(container.root, 'app/dist/cli'))
    t.ok(
      commands.some(name => name.startsWith('serve-server-')),
      '`serve` is bundled',
    )
    const { packages } = JSON.parse(readFileSync(resolve('package-lock.json'), 'utf8')) as Lockfile
    for (const [path, { dev, optional }] of Object.entries(packages)) {
      if (path === '' || optional) continue
      const there = existsSync(join(container.root, 'app', path))
      if (there === Boolean(dev)) t.fail(`${path} is ${there ? '' : 'not '}there`)
    }
    const owned = execFileSync('find', [join(container.root, 'app'), '-writable', '-not', '-user', 'root'])
    t.equal(owned.toString(), '', 'the process may change none of its files')
  })

  await t.test('cannot write anywhere', async t => {
    const script = `const { writeFileSync } = require('node:fs')
      for (const path of ['/x', '/tmp/x', '/app/x', '/app/dist/x', '/etc/crossgate/x', '/home/nonroot/x'])
        try { writeFileSync(path, ''); console.log(path, 'written') } catch (error) { console.log(path, error.code) }
      console.log(process.getuid(), process.getgid(), process.getgroups().join(), process.pid)`
    const shown = container.run({ entrypoint: ['node', '-e', script], args: [] })
    t.equal(await shown.exit, 0, shown.stderr.join('\n'))
    t.equal(shown.stdout.filter(line => line.endsWith('written')).join(), '')
    t.equal(shown.stdout.filter(line => line.endsWith('EROFS')).length, 6)
    t.match(shown.stdout.at(-1), /^65532 65532 (65532)? 1$/, 'as 65532, and PID 1')
  })

  await t.test('says what is missing where no policy is mounted, and opens nothing', async t => {
    const process = container.run({})
    t.equal(await process.exit, 2)
    t.match(process.stderr.join('\n'), /\/etc\/crossgate holds no \*\.yaml or \*\.yml file/)
  })

  await t.test(
    'serves, reloads, is healthy, and stops under load without losing a request',
    { timeout: 60_000 },
    async t => {
      const upstream = await startUpstream(t, (_, res) => setTimeout(() => res.end('ok'), 20))
      const mount = configMap(t, policy(upstream.url, 'https://www.shop.example'))
      const [port, admin] = [await freePort(), await freePort()]
      const env = {
        CROSSGATE_LISTEN: `127.0.0.1:${port}`,
        CROSSGATE_ADMIN: `127.0.0.1:${admin}`,
        CROSSGATE_DRAIN_DELAY: '3s',
      }
      const begun = performance.now()
      const gateway = container.run({ env, mounts: { '/etc/crossgate': mount.dir } })
      t.teardown(() => gateway.child.kill('SIGKILL'))
      await gateway.stderrLine('gateway.started')
      t.comment(`start-up: ${Math.round(performance.now() - begun)} ms from nothing to listening`)

      const allowed = await send(port, preflight('https://www.shop.example', 'GET'))
      t.equal(allowed.status, 204)
      t.equal(allowed.headers['access-control-allow-origin'], 'https://www.shop.example')
      const other = preflight('https://new.shop.example', 'GET')
      t.equal((await send(port, other)).status, 403)
      t.equal(upstream.seen.length, 0, 'preflights are answered here')

      const healthy = container.run({ args: ['healthcheck'], env })
      t.equal(await healthy.exit, 0, healthy.stdout.join() + healthy.stderr.join())

      for (const origin of ['https://new.shop.example', 'https://newer.shop.example']) {
        mount.swap(policy(upstream.url, origin))
        await gateway.stderrLine(`"event":"policy.reloaded"`)
        await until(async () => (await send(port, preflight(origin, 'GET'))).status === 204)
      }

      // One that asks the public suffix list, from a thread: both are files that the bundle of `serve` leaves outside.
      mount.swap(`${policy(upstream.url, 'https://*.shop.example')}# ${'long '.repeat(20_000)}\n`)
      const deep = preflight('https://deep.shop.example', 'GET')
      await until(async () => (await send(port, deep)).status === 204)

      const load = steadyLoad(port, { clients: 40, origin: 'https://newer.shop.example' })
      await load.answered(500)
      process.kill(gateway.pid(), 'SIGTERM')
      // As whoever routes by readiness does: go on for a while after it fails, then elsewhere.
      await until(async () => (await send(admin, { path: '/readyz' })).status === 503)
      await load.answered(load.count + 200)
      const result = await load.stop()
      t.equal(await gateway.exit, 0, 'exit 0 after the drain')
      t.comment(`under SIGTERM: ${JSON.stringify(result)}`)
      t.same(result.lost, [], 'no request was lost')
      t.equal(result.refused, 0, 'nor refused')
      t.match(gateway.stderr.join('\n'), /gateway\.stopped/)

      const unhealthy = container.run({ args: ['healthcheck'], env })
      t.equal(await unhealthy.exit, 1, 'nobody answers now')
    },
  )
})

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>
}

/** Builds the image and makes a container of it; prints what it weighs. */
async function built(t: Test): Promise<Container> {
  const bases = await ensureBases()
  const args = [`BUILD_IMAGE=${bases.build}`, `RUN_IMAGE=${bases.run}`, 'VERSION=9.9.9', 'REVISION=f00']
  const begun = performance.now()
  await buildah(
    ...['build', '--isolation', 'chroot', '--format', 'docker', '--network', 'host', '--pull-never'],
    ...args.flatMap(arg => ['--build-arg', arg]),
    ...['--tag', IMAGE, '.'],
  )
  const container = await createContainer(IMAGE)
  t.teardown(async () => {
    await container.remove()
    await buildah('rmi', '--force', IMAGE)
  })
  const [all, app] = [megabytes(container.root), megabytes(join(container.root, 'app'))]
  t.comment(
    `built in ${Math.round((performance.now() - begun) / 1000)} s; size ${all} MB, of which the app is ${app} MB`,
  )
  t.ok(Number(app) < 40, 'the app stays under 40 MB')
  return container
}

/** A directory laid out as the kubelet lays out a ConfigMap, and its atomic swap. */
function configMap(t: Test, text: string) {
  const dir = workDir(t)
  execFileSync('chmod', ['755', dir])
  let generation = 0
  const swap = (content: string): void => {
    const name = `..gen${++generation}`
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'policy.yaml'), content)
    symlinkSync(name, join(dir, '..data_tmp'))
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
    if (generation > 1) rmSync(join(dir, `..gen${generation - 1}`), { recursive: true })
  }
  swap(text)
  symlinkSync('..data/policy.yaml', join(dir, 'policy.yaml'))
  return { dir, swap }
}

function policy(url: string, origin: string): string {
  return `version: 1
upstreams: { api: { url: ${url} } }
routes:
  - id: api
    path: /**
    upstream: api
    cors: [{ allowOrigins: [${origin}], allowMethods: [GET] }]
`
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 10 s')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

function megabytes(dir: string): string {
  const kib = Number(execFileSync('du', ['-sk', dir], { encoding: 'utf8' }).split('\t')[0])
  return (kib / 1024).toFixed(1)
}

const IMAGE = 'localhost/crossgate-test/crossgate:test'
