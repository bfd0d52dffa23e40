import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../peer.js'
import { crossgatePolicy } from '../policy-sizes.js'
import { inCheckout } from '../root.js'

export interface CrossgateOptions {
  readonly name: string
  /** Its main module; undefined: the checkout's. */
  readonly main?: string
  /** The Node that runs it; undefined: ours. */
  readonly node?: string
  readonly nodeFlags?: readonly string[]
  /** Flags of `serve` besides. */
  readonly flags?: readonly string[]
}

/** The gateway as its users start it, with the audit log in a real file: denials, unless the flags say more. */
export function crossgate({
  name,
  main = GATEWAY,
  node = process.execPath,
  nodeFlags = [],
  flags = [],
}: CrossgateOptions): Peer {
  return {
    name,
    variant: name !== 'crossgate',
    title: `Crossgate, Node ${nodeVersion(node)}${flags.length === 0 ? '' : ` (${flags.join(' ')})`}`,
    warmsUp: true,
    configure: ({ size, port, upstreamPort, dir }) => {
      const policy = join(dir, 'policy.yaml')
      writeFileSync(policy, crossgatePolicy(size, `http://127.0.0.1:${upstreamPort}`))
      return {
        command: [
          node,
          ...nodeFlags,
          main,
          'serve',
          `--policy=${policy}`,
          `--listen=127.0.0.1:${port}`,
          '--admin=off',
          `--audit-file=${join(dir, AUDIT_FILE)}`,
          ...flags,
        ],
      }
    },
  }
}

export function nodeVersion(node: string): string {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)
}

/** Below the site's `dir`. */
export const AUDIT_FILE = 'audit.jsonl'
const GATEWAY = inCheckout('dist/cli/main.js')
