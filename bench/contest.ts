import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answers, checkAnswers } from './answers.js'
import { type Case, requestsOf } from './cases.js'
import { type Daemon, freePort, startDaemon } from './daemon.js'
import { type Measurement, runLoad } from './load.js'
import type { Peer } from './peer.js'
import { AUDIT_FILE } from './peers/crossgate.js'
import type { PolicySize } from './policy-sizes.js'
import { residentBytes } from './process-tree.js'
import { choosePlaces, type Places } from './processors.js'
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

export interface Plan {
  readonly cases: readonly Case[]
  readonly connections: readonly number[]
  readonly rounds: number
  readonly seconds: number
}

/** Peers side by side in front of one upstream: all run all the time, and are put under load one after the other. */
export class Contest {
  readonly contestants: Contestant[] = []
  /** Peers that could not take part with a policy, and why. */
  readonly absences: string[] = []
  readonly places: Places | undefined = choosePlaces()
  readonly #dir = temporaryFolder()
  #upstream: { daemon: Daemon; port: number } | undefined

  async open(
    peers: readonly Peer[],
    sizes: readonly PolicySize[],
    tell: (line: string) => void,
  ): Promise<void> {
    const port = await freePort()
    const daemon = await startDaemon(upstream(port, this.#dir), port, this.places?.upstream)
    this.#upstream = { daemon, port }
    for (const size of sizes) {
      for (const peer of peers) {
        tell(`starting ${peer.name} with the ${size.name} policy`)
        await this.#enter(peer, size, port)
      }
    }
  }

  async #enter(peer: Peer, size: PolicySize, upstreamPort: number): Promise<void> {
    if (size.name === 'large' && peer.variant === true) return
    if (size.name === 'large' && peer.tooLarge !== undefined) {
      this.absences.push(`${peer.name}, large policy: ${peer.tooLarge}`)
      return
    }
    const dir = join(this.#dir, `${peer.name}-${size.name}`.replaceAll('/', '-'))
    mkdirSync(dir)
    const port = await freePort()
    const launch = peer.configure({ size, port, upstreamPort, dir })
    try {
      const daemon = await startDaemon(launch, port, this.places?.proxy)
      this.contestants.push({ peer, size, port, dir, daemon, answers: await checkAnswers(port, size) })
    } catch (error) {
      if (peer.name === 'crossgate') throw error
      this.absences.push(`${peer.name}, ${size.name} policy: ${(error as Error).message}`)
    }
  }

  /** Until what runs JavaScript is compiled; the others open their connections. */
  async warmUp({ cases, connections }: Plan, tell: (line: string) => void): Promise<void> {
    for (const contestant of this.contestants) {
      tell(`warming up ${contestant.peer.name} with the ${contestant.size.name} policy`)
      for (const each of contestant.peer.warmsUp ? cases : cases.slice(0, 1)) {
        await this.#load(contestant, each, Math.max(...connections), each === cases[0] ? 2 : 1)
      }
    }
  }

  /** Every case, contestant after contestant; every round begins with another one. Few connections are for the small policy. */
  async *rounds({ cases, connections, rounds, seconds }: Plan): AsyncGenerator<Sample> {
    const most = Math.max(...connections)
    for (let round = 0; round < rounds; round++) {
      const first = round % this.contestants.length
      const order = [...this.contestants.slice(first), ...this.contestants.slice(0, first)]
      for (const each of cases) {
        for (const count of connections) {
          for (const contestant of order) {
            if (count !== most && (contestant.peer.variant === true || contestant.size.name === 'large'))
              continue
            const measured = await this.#load(contestant, each, count, seconds)
            yield {
              peer: contestant.peer.name,
              size: contestant.size.name,
              case: each.name,
              connections: count,
              round,
              residentBytes: residentBytes(contestant.daemon.pid),
              ...measured,
            }
          }
        }
      }
    }
  }

  async #load(
    contestant: Contestant,
    each: Case,
    connections: number,
    seconds: number,
  ): Promise<Measurement> {
    const measured = await runLoad({
      requests: requestsOf(each, contestant.size),
      port: contestant.port,
      pid: contestant.daemon.pid,
      connections,
      seconds,
      processor: this.places?.load,
      dir: contestant.dir,
    })
    const expected = contestant.answers.statuses[each.name]! > 399 ? measured.answers : 0
    if (measured.errors > 0 || measured.refused !== expected) {
      throw new Error(
        `${contestant.peer.name}, ${each.name}: ${measured.errors} errors and ${measured.refused} refusals among ${measured.answers} answers`,
      )
    }
    emptyAudit(contestant)
    return measured
  }

  async close(): Promise<void> {
    await Promise.all(this.contestants.map(({ daemon }) => daemon.stop()))
    await this.#upstream?.daemon.stop()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

/** nginx reads its files as another user. */
function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-bench-'))
  chmodSync(dir, 0o755)
  return dir
}

function emptyAudit({ dir }: Contestant): void {
  const file = join(dir, AUDIT_FILE)
  if (existsSync(file)) truncateSync(file)
}
