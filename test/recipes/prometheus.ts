import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../helpers/pinned-package.js'

/** promtool's path: PROMTOOL_BIN, or the PATH's, or that of Debian's package, unpacked; undefined where none can be had. */
export function findPromtool(): string | undefined {
  if (process.env['PROMTOOL_BIN'] !== undefined) return process.env['PROMTOOL_BIN']
  const { stdout } = spawnSync('which', ['promtool'], { encoding: 'utf8' })
  return stdout?.trim() || debian()
}

// Unpacked, not installed: the package would start a server.
function debian(): string | undefined {
  const target = join(CACHE, 'prometheus-debian')
  const program = join(target, 'usr/bin/promtool')
  if (existsSync(program)) return program
  mkdirSync(CACHE, { recursive: true })
  const work = mkdtempSync(join(CACHE, 'unpack-'))
  try {
    execFileSync('apt-get', ['download', '-qq', 'prometheus'], { cwd: work, stdio: 'ignore' })
    execFileSync('dpkg-deb', ['-x', readdirSync(work)[0]!, 'files'], { cwd: work })
    renameSync(join(work, 'files'), target)
    return program
  } catch {
    return undefined
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
