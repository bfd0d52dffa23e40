import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Runs buildah to its end and gives its stdout. Builds run in a chroot, which needs no daemon, no container runtime
 * and no cgroups; the docker format is the one that keeps HEALTHCHECK.
 *
 * @throws Error with the end of what buildah said
 */
export async function buildah(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('buildah', args, { maxBuffer: 64 * 1024 ** 2, timeout: 600_000 })
    return stdout.trim()
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-30).join('\n')
    throw new Error(`buildah ${args.join(' ')} failed: ${said || message}`)
  }
}

/** Whether an image of that name is in the local store. */
export async function hasImage(name: string): Promise<boolean> {
  return buildah('inspect', '--type', 'image', name).then(
    () => true,
    () => false,
  )
}
