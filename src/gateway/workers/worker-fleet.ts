import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { Logger } from 'pino'
import { type AuditTrouble, joinedTrouble } from '../../observe/log/audit-trouble.js'
import { keepCounters, type Series } from '../../observe/metrics/merge-metrics.js'
import { AT_ONCE, type DrainTimes, within } from '../listener/drain.js'
import { listedProblems } from '../loading/listed-problems.js'
import type { Refusal } from '../loading/next-generation.js'
import type { PolicyFile } from '../loading/policy-source.js'
import { type FleetMember, newMember } from './fleet-member.js'
import { watchForHang } from './watch-for-hang.js'
import type { FromWorker, ToWorker, WorkerActivity } from './worker-messages.js'
import { failure, notStarted } from './worker-messages.js'
import { tell, WorkerQuestions } from './worker-questions.js'

export interface FleetOptions {
  readonly size: number
  /** Milliseconds that a worker may take to load a policy. */
  readonly loadTimeout: number
  /** Milliseconds without a word after which a worker hangs. */
  readonly hangTime: number
  /** The policy in force. */
  readonly files: readonly PolicyFile[]
  readonly log: Logger
  onActivity(activity: WorkerActivity): void
  onAuditChanged(): void
  /** One serves in the place of one that died. */
  onReplaced(): void
}

/** The workers of a primary: started, told, replaced where one dies, and ended. */
export class WorkerFleet {
  readonly #options: FleetOptions
  /** A worker that takes longer to load gives up by itself; one that does not even answer hangs. */
  readonly #prepareTime: number
  readonly #members = new Map<Worker, FleetMember>()
  readonly #questions = new WorkerQuestions()
  #files: readonly PolicyFile[]
  #offered: readonly PolicyFile[] | undefined
  #departed: Series = []
  #quickDeaths = 0
  #stopping = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#prepareTime = options.loadTimeout + GRACE_MILLISECONDS
    this.#files = options.files
    // The worker is this same command, which sees by its environment what it is.
    cluster.setupPrimary({ exec: process.argv[1]!, args: process.argv.slice(2) })
  }

  /** How many serve. */
  get serving(): number {
    return [...this.#members.values()].filter(({ serving, hung }) => serving && !hung).length
  }

  /** Of all that cannot write their records. */
  get auditTrouble(): AuditTrouble | undefined {
    return joinedTrouble([...this.#members.values()].map(({ auditTrouble }) => auditTrouble))
  }

  /** Resolves with the url once all serve; with why where one cannot. */
  async start(): Promise<{ url: string } | Refusal> {
    const first = await Promise.all(Array.from({ length: this.#options.size }, () => this.#fork()))
    for (const reply of first) if (reply.type === 'failed') return reply
    return { url: first[0]?.type === 'serving' ? first[0].url : '' }
  }

  /** Has every worker make a policy ready. @returns why one refused it */
  async prepare(files: readonly PolicyFile[]): Promise<Refusal | undefined> {
    this.#offered = files
    const replies = await this.#questions.askAll(
      this.#admitted,
      id => ({ type: 'prepare', id, files }),
      this.#prepareTime,
    )
    for (const [worker, reply] of replies) {
      // Hung, or dead by now: it is replaced by one that begins with what is in force then.
      if (reply === undefined) worker.process.kill('SIGKILL')
      const member = this.#members.get(worker)
      if (member !== undefined && reply?.type === 'prepared' && reply.refusal === undefined)
        member.prepared = files
    }
    const answers = [...replies.values()].filter(reply => reply?.type === 'prepared')
    // It may be what ends them, out of memory for one; those in their place begin with the policy in force.
    if (replies.size > 0 && answers.length === 0)
      return { error: 'none that was asked lived to answer', problems: [] }
    return answers.map(({ refusal }) => refusal).find(refusal => refusal !== undefined)
  }

  /** Puts what was prepared in force, everywhere. */
  commit(): void {
    if (this.#offered === undefined) return
    this.#files = this.#offered
    this.#offered = undefined
    for (const [worker, member] of this.#members) {
      if (member.prepared === this.#files) {
        member.files = this.#files
        tell(worker, { type: 'commit' })
      }
      member.prepared = undefined
      this.#admit(worker, member)
    }
  }

  abort(): void {
    this.#offered = undefined
    for (const [worker, member] of this.#members) {
      if (member.admitted) tell(worker, { type: 'abort' })
      member.prepared = undefined
      this.#admit(worker, member)
    }
  }

  reopen(): void {
    for (const worker of this.#members.keys()) tell(worker, { type: 'reopen' })
  }

  /** Each worker's metrics, and what those that are gone had counted. */
  async series(): Promise<readonly Series[]> {
    const replies = await this.#questions.askAll(
      this.#admitted,
      id => ({ type: 'series', id }),
      SERIES_MILLISECONDS,
    )
    for (const [worker, reply] of replies) {
      const member = this.#members.get(worker)
      if (member !== undefined && reply?.type === 'series') member.series = reply.series
    }
    return [this.#departed, ...[...this.#members.values()].map(({ series }) => series)]
  }

  async stop(times: DrainTimes): Promise<void> {
    this.#stopping = true
    const workers = [...this.#members.keys()].filter(worker => !worker.isDead())
    const ended = Promise.all(workers.map(worker => once(worker, 'exit')))
    for (const worker of workers) tell(worker, { type: 'stop', times })
    await within(times.delay + times.timeout + GRACE_MILLISECONDS, ended)
    for (const worker of workers) if (!worker.isDead()) worker.process.kill('SIGKILL')
    await ended
  }

  #fork(): Promise<FromWorker> {
    let worker: Worker
    try {
      worker = cluster.fork()
    } catch (error) {
      return Promise.resolve(notStarted(error as Error))
    }
    const member = newMember(this.#files)
    this.#members.set(worker, member)
    return new Promise(resolve => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'hello') this.#welcome(worker, member)
        else if (message.type === 'ready') {
          member.ready = true
          this.#admit(worker, member)
        } else if (message.type === 'serving' || message.type === 'failed') {
          member.serving = message.type === 'serving'
          resolve(message)
        } else if (message.type === 'audit') {
          member.auditTrouble = message.trouble
          this.#options.onAuditChanged()
        } else if (message.type === 'activity') this.#options.onActivity(message.activity)
        else if (message.type !== 'pong') this.#questions.answered(message)
      })
      // No process, no descriptor: there is no `exit` then. Of one that lives, its end is told by `exit`.
      worker.on('error', error => {
        if (worker.process.pid !== undefined) return
        this.#members.delete(worker)
        resolve(notStarted(error))
      })
      worker.on('exit', (code, signal) => {
        resolve(failure(`a worker ended (${signal ?? code}) before it served`))
        void this.#gone(worker, member, signal ?? code)
      })
    })
  }

  #welcome(worker: Worker, member: FleetMember): void {
    member.files = this.#files
    // To stop it was told before, and did not hear.
    tell(worker, this.#stopping ? STOP_AT_ONCE : { type: 'begin', files: member.files })
    watchForHang(worker, member, this.#options.hangTime, this.#options.log)
  }

  // It opens the port only with the policy in force, and not while the next one is prepared: it was not asked whether it takes
  // that, and must serve nobody by the old one once the new one is said to be in force.
  #admit(worker: Worker, member: FleetMember): void {
    if (!member.ready || member.admitted || this.#offered !== undefined) return
    if (member.files !== this.#files) {
      member.ready = false
      void this.#bring(worker, member, this.#files)
    } else {
      member.admitted = true
      tell(worker, { type: 'listen' })
    }
  }

  async #bring(worker: Worker, member: FleetMember, files: readonly PolicyFile[]): Promise<void> {
    const reply = await this.#questions.ask(worker, id => ({ type: 'prepare', id, files }), this.#prepareTime)
    if (reply?.type === 'prepared' && reply.refusal === undefined) {
      tell(worker, { type: 'commit' })
      member.files = files
      member.ready = true
      this.#admit(worker, member)
    } else worker.process.kill('SIGKILL')
  }

  async #gone(worker: Worker, member: FleetMember, how: string | number): Promise<void> {
    this.#members.delete(worker)
    this.#departed = await keepCounters([this.#departed, member.series])
    // One that never served is the concern of who started it: of the first, the start fails as a whole.
    if (this.#stopping || !member.serving) return
    this.#quickDeaths = Date.now() - member.born < QUICK_MILLISECONDS ? this.#quickDeaths + 1 : 0
    const replacedInMilliseconds = this.#replace()
    this.#options.log.error({ event: 'worker.died', worker: worker.process.pid, how, replacedInMilliseconds })
  }

  /** @returns in how many milliseconds it is tried */
  #replace(): number {
    const delay = Math.min(100 * 2 ** this.#quickDeaths, 10_000)
    setTimeout(async () => {
      if (this.#stopping) return
      const reply = await this.#fork()
      const { log, onReplaced } = this.#options
      if (reply.type === 'serving') {
        onReplaced()
        log.info({ event: 'worker.replaced', serving: this.serving })
      } else if (reply.type === 'failed' && !this.#stopping) {
        this.#quickDeaths++
        const { error } = reply
        const problems = listedProblems(reply.problems)
        log.error({ event: 'worker.failed', error, problems, retriedInMilliseconds: this.#replace() })
      }
    }, delay)
    return delay
  }

  get #admitted(): readonly Worker[] {
    return [...this.#members].filter(([, { admitted }]) => admitted).map(([worker]) => worker)
  }
}

const STOP_AT_ONCE: ToWorker = { type: 'stop', times: AT_ONCE }
const SERIES_MILLISECONDS = 2_000
const GRACE_MILLISECONDS = 5_000
const QUICK_MILLISECONDS = 5_000
