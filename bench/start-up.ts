import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/helpers/free-port.js'
import { send } from './answers.js'
import { bundledMain } from './bundled.js'
import { caseNamed, requestsOf } from './cases.js'
import type { Peer } from './peer.js'
import { crossgate } from './peers/crossgate.js'
import { type PolicySize, SMALL } from './policy-sizes.js'
import { residentBytes } from './process-tree.js'
import { median } from './statistics.js'
import type { Targets, Verdict } from './targets.js'

/** What the start of a peer costs. */
export interface StartUp {
  /** From the start of its process to the end of its first answer, a preflight's: of each of its starts. */
  readonly milliseconds: readonly number[]
  /** Resident a second after its first answer; the median of the starts. */
  readonly idleBytes: number
}

async function measureStartUp(peer: Peer, size: PolicySize, starts: number): Promise<StartUp> {
  const milliseconds: number[] = []
  const idle: number[] = []
  for (let start = 0; start < starts; start++) {
    const dir = mkdtempSync(join(tmpdir(), 'crossgate-start-'))
    const port = await freePort()
    const { command, env } = peer.configure({ size, port, upstreamPort: 9, dir })
    const begun = performance.now()
    const child = spawn(command[0]!, command.slice(1), { env: { ...process.env, ...env }, stdio: 'ignore' })
    const ended = new Promise(resolve => child.once('close', resolve))
    try {
      await firstAnswer(port, size)
      milliseconds.push(performance.now() - begun)
      await sleep(SETTLING)
      idle.push(residentBytes(child.pid!))
    } finally {
      child.kill('SIGKILL')
      await ended
      rmSync(dir, { recursive: true, force: true })
    }
  }
  return { milliseconds, idleBytes: median(idle) }
}

/** The best start counts: whatever else the machine does can only make one longer. */
function judgeStartUp(
  what: string,
  { milliseconds, idleBytes }: StartUp,
  targets: Targets,
): readonly Verdict[] {
  const best = Math.min(...milliseconds)
  const megabytes = idleBytes / 1e6
  return [
    {
      name: `${what}: start to first answer, milliseconds`,
      figure: `best of ${milliseconds.length}, median ${median(milliseconds).toFixed(0)}`,
      limit: `under ${targets.startUpMilliseconds}`,
      found: best.toFixed(0),
      kept: best < targets.startUpMilliseconds,
      held: best < targets.startUpGuardedAt,
    },
    {
      name: `${what}: resident memory at rest, MB`,
      figure: `median of ${milliseconds.length}`,
      limit: `under ${targets.idleMegabytes}`,
      found: megabytes.toFixed(0),
      kept: megabytes < targets.idleMegabytes,
      held: megabytes < targets.idleMegabytes,
    },
  ]
}

/** Measures both ways to install it: as npm does, and as the image does. */
export async function judgeStartUps(starts: number, targets: Targets): Promise<readonly Verdict[]> {
  const asPackage = await measureStartUp(crossgate({ name: 'crossgate' }), SMALL, starts)
  const asImage = await measureStartUp(crossgate({ name: 'crossgate', main: bundledMain() }), SMALL, starts)
  return [
    ...judgeStartUp('npm package', asPackage, targets),
    ...judgeStartUp("the image's bundle", asImage, targets),
  ]
}

async function firstAnswer(port: number, size: PolicySize): Promise<void> {
  const asked = requestsOf(caseNamed('preflight'), size)[0]!
  for (let waited = 0; waited < 60_000; waited += 2) {
    try {
      await send(port, asked)
      return
    } catch {
      await sleep(2)
    }
  }
  throw new Error('no answer within a minute')
}

const SETTLING = 1000
