import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/helpers/free-port.js'
import { type Answers, checkAnswers } from './answers.js'
import { type Case, requestsOf } from './cases.js'
import { type Daemon, startDaemon } from './daemon.js'
import { MachineTooBusy, runLoad } from './load.js'
import type { Measurement } from './measurement.js'
import type { Peer } from './peer.js'
import { AUDIT_FILE } from './peers/crossgate.js'
import type { PolicySize } from './policy-sizes.js'
import { residentBytes } from './process-tree.js'
import { choosePlaces, keepAwake, type Places } from './processors.js'
import { groupBy } from './statistics.js'
import { upstream } from './upstream.js'

/** A peer that runs with a policy, and what it answers. */
export interface Contestant {
  readonly peer: Peer
  readonly size: PolicySize
  readonly port: number
  readonly dir: string
  readonly daemon: Daemon
  readonly answers: Answers
}

/** One measurement of a round. */
export interface Sample extends Measurement {
  readonly peer: string
  readonly size: PolicySize['name']
  readonly case: string
  readonly connections: number
  readonly round: number
  readonly residentBytes: number
}

/** One case to be measured on one contestant. */
export interface Run {
  readonly contestant: Contestant
  readonly case: Case
  readonly connections: number
}

/** Peers side by side in front of one upstream: all run all the time, and are put under load one after the other. */
export class Contest {
  /** What could not be started or measured, and why. */
  readonly failures: string[] = []
  /** What could not be measured because others kept the machine busy. */
  readonly gaps: string[] = []
  readonly places: Places | undefined = choosePlaces()
  readonly #letSleep = keepAwake()
  readonly #dir = temporaryFolder()
  readonly #daemons: Daemon[] = []
  #upstreamPort: number | undefined

  /** Starts a peer with a policy; undefined where it does not start, which is a failure. */
  async enter(peer: Peer, size: PolicySize): Promise<Contestant | undefined> {
    const dir = join(this.#dir, `${peer.name}-${size.name}`.replaceAll('/', '-'))
    mkdirSync(dir)
    this.#upstreamPort ??= await this.#startUpstream()
    const port = await freePort()
    const launch = peer.configure({ size, port, upstreamPort: this.#upstreamPort, dir })
    try {
      const daemon = await startDaemon(launch, port, this.places?.proxy)
      this.#daemons.push(daemon)
      return { peer, size, port, dir, daemon, answers: await checkAnswers(port, size) }
    } catch (error) {
      this.failures.push(`${peer.name}, ${size.name} policy: ${(error as Error).message}`)
      return undefined
    }
  }

  /** Until what runs JavaScript is compiled; the others open their connections. */
  async warmUp(runs: readonly Run[]): Promise<void> {
    const seen = new Set<Contestant>()
    for (const run of firstOfEach(runs, ({ contestant, case: each }) => `${contestant.port} ${each.name}`)) {
      const first = !seen.has(run.contestant)
      seen.add(run.contestant)
      if (run.contestant.peer.warmsUp || first) await this.#load(run, first ? 2 : 1)
    }
  }

  /** All runs in their order, then in the opposite order, and so on; what is to be compared stands side by side. */
  async *rounds(runs: readonly Run[], rounds: number, seconds: number, from = 0): AsyncGenerator<Sample> {
    for (let round = from; round < from + rounds; round++) {
      for (const run of round % 2 === 0 ? runs : runs.toReversed()) {
        // Once more: while it waited for its turn it may have collected, and thrown away what it had compiled.
        if (run.contestant.peer.warmsUp) await this.#load(run, 1)
        const measured = await this.#load(run, seconds)
        if (measured === undefined) continue
        yield {
          peer: run.contestant.peer.name,
          size: run.contestant.size.name,
          case: run.case.name,
          connections: run.connections,
          round,
          residentBytes: residentBytes(run.contestant.daemon.pid),
          ...measured,
        }
      }
    }
  }

  /** Undefined where it failed, or left a gap: what was answered is not what the case is about, or nothing could be measured. */
  async #load(
    { contestant, case: each, connections }: Run,
    seconds: number,
  ): Promise<Measurement | undefined> {
    try {
      const measured = await runLoad({
        requests: requestsOf(each, contestant.size),
        port: contestant.port,
        pid: contestant.daemon.pid,
        connections,
        seconds,
        processor: this.places?.load,
        dir: contestant.dir,
      })
      const { errors, refused, answers } = measured
      const expected = contestant.answers.statuses[each.name]! > 399 ? answers : 0
      if (errors === 0 && refused === expected) return measured
      throw new Error(`${errors} errors and ${refused} refusals among ${answers} answers`)
    } catch (error) {
      const list = error instanceof MachineTooBusy ? this.gaps : this.failures
      list.push(
        `${contestant.peer.name}, ${contestant.size.name} policy, ${each.name}, ${connections} connections: ${(error as Error).message}`,
      )
      return undefined
    } finally {
      emptyAudit(contestant)
    }
  }

  async #startUpstream(): Promise<number> {
    const port = await freePort()
    this.#daemons.push(await startDaemon(upstream(port, this.#dir), port, this.places?.upstream))
    return port
  }

  /** Whether no processor sleeps meanwhile; see `keepAwake`. */
  get awake(): boolean {
    return this.#letSleep !== undefined
  }

  async close(): Promise<void> {
    this.#letSleep?.()
    await Promise.all(this.#daemons.map(daemon => daemon.stop()))
  }
}

/** Until we end. nginx reads its files as another user. */
function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-bench-'))
  chmodSync(dir, 0o755)
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function emptyAudit({ dir }: Contestant): void {
  const file = join(dir, AUDIT_FILE)
  if (existsSync(file)) truncateSync(file)
}

function firstOfEach<T>(values: readonly T[], keyOf: (value: T) => string): readonly T[] {
  return [...groupBy(values, keyOf).values()].map(group => group[0]!)
}
