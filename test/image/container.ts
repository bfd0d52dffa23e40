import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { buildah } from './buildah.js'

/** What an image's configuration says about running it. */
export interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Labels: Readonly<Record<string, string>>
  readonly Healthcheck?: { readonly Test: readonly string[] }
  readonly StopSignal?: string
  readonly ExposedPorts?: object
}

export async function imageConfig(image: string): Promise<ImageConfig> {
  return JSON.parse(await buildah('inspect', '--type', 'image', image)).Docker.config
}

/** A container's file system; processes run in it by `run`. */
export interface Container {
  readonly root: string
  run(options: RunOptions): ContainerProcess
  remove(): Promise<void>
}

export interface RunOptions {
  /** Instead of the image's Cmd. */
  readonly args?: readonly string[]
  /** Instead of the image's Entrypoint. */
  readonly entrypoint?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Directories of the host to see, read-only, at a path of the container. */
  readonly mounts?: Readonly<Record<string, string>>
}

export interface ContainerProcess {
  readonly child: ChildProcess
  /** Lines so far. */
  readonly stdout: string[]
  readonly stderr: string[]
  /** Resolves with the first line on stderr, past or future, that holds `text`; rejects where the process ends first. */
  stderrLine(text: string): Promise<string>
  /** The host's id of the container's PID 1. */
  pid(): number
  readonly exit: Promise<number | null>
}

/**
 * Makes a container of an image and runs processes in it as a runtime would, as far as the kernel alone can: own mount
 * and process namespaces (the process is PID 1), a root that is mounted read-only, the image's user, environment and
 * command, no new privileges. The network is the host's.
 */
export async function createContainer(image: string): Promise<Container> {
  const config = await imageConfig(image)
  const name = await buildah('from', '--pull-never', image)
  const root = await buildah('mount', name)
  return {
    root,
    run: options => start(root, config, options),
    remove: async () => {
      await buildah('umount', name)
      await buildah('rm', name)
    },
  }
}

function start(root: string, config: ImageConfig, options: RunOptions): ContainerProcess {
  const env = [...config.Env, ...Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`)]
  const command = [...(options.entrypoint ?? config.Entrypoint), ...(options.args ?? config.Cmd)]
  const mounts = Object.entries(options.mounts ?? {}).flatMap(([to, from]) => [from, to])
  const args = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private']
  const child = spawn(
    'unshare',
    [...args, 'sh', '-c', ENTER, 'sh', root, config.User, String(mounts.length / 2), ...mounts]
      .concat(['env', '-i', ...env, 'setpriv', '--no-new-privs'])
      .concat(['/usr/sbin/chroot', `--userspec=${config.User}`, '--groups=', root, ...command]),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const stdout: string[] = []
  const stderr: string[] = []
  createInterface({ input: child.stdout }).on('line', line => stdout.push(line))
  const errors = createInterface({ input: child.stderr }).on('line', line => stderr.push(line))
  return {
    child,
    stdout,
    stderr,
    exit,
    stderrLine: text =>
      new Promise((resolve, reject) => {
        const found = stderr.find(line => line.includes(text))
        if (found !== undefined) return resolve(found)
        errors.on('line', line => line.includes(text) && resolve(line))
        void exit.then(code => reject(new Error(`exit ${code} before "${text}":\n${stderr.join('\n')}`)))
      }),
    pid: () => {
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      return Number(children.trim())
    },
  }
}

// Arguments: root, user, number of mounts, pairs of (from, to), then the command.
const ENTER = `set -e
root=$1; shift 2; n=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$n" -gt 0 ]; do
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2; n=$((n - 1))
done
mount -o remount,bind,ro "$root"
exec "$@"
`
