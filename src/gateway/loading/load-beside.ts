import { on, once } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import { type PolicyPiece, PolicyUnpacker, packPolicy } from '../../policy/compiled/policy-parcel.js'
import type { PolicyChange } from '../../policy/diff/policy-changes.js'
import type { Problem } from '../../policy/problems/problem.js'
import { notSummedUp, sumUpChanges } from './changes-summary.js'
import type { ChangesReport, LoadOrder, LoadReport } from './load-order.js'
import { loadPolicyFiles, withoutCeiling } from './load-policy.js'
import { giveUp } from './loader-threads.js'
import type { PolicyFile } from './policy-source.js'

export interface LoadBesideOptions {
  /** A file that bounds what the policy may open. */
  readonly ceiling?: string | undefined
  /** The policy in force, to sum up what changes. */
  readonly before?: CompiledPolicy
  /** Milliseconds after which it is given up: a mount that stalls must not keep the next policy waiting. */
  readonly timeout: number
  /** Gives it up at once. */
  readonly signal?: AbortSignal | undefined
}

/** A policy ready to serve and what it changes, or everything that is wrong with it. */
export interface LoadedBeside {
  readonly policy: CompiledPolicy | undefined
  readonly problems: readonly Problem[]
  /** As of `LoadResult`. */
  readonly files: readonly PolicyFile[]
  readonly changes: readonly PolicyChange[]
}

/**
 * Loads a policy to serve it, while others are served: a large one in a thread, from which it comes back in pieces, so that the
 * longest that a request waits for it is a few milliseconds. A small one is loaded here and now, which costs less than
 * the start of a thread.
 *
 * @throws Error with one sentence, where a file cannot be read, or the thread died, out of memory for one, or was given up.
 */
export async function loadBeside(
  files: readonly PolicyFile[],
  options: LoadBesideOptions,
): Promise<LoadedBeside> {
  if (options.signal?.aborted) throw new Error(STOPPING)
  const size = files.reduce((sum, { text }) => sum + text.length, 0)
  return size > LARGE ? loadInThread(files, options) : loadHere(files, options)
}

function loadHere(files: readonly PolicyFile[], { ceiling, before }: LoadBesideOptions): LoadedBeside {
  const { policy, problems, files: read } = loadPolicyFiles(files, { ceiling, serving: true })
  return { policy, problems, files: read, changes: policy === undefined ? [] : sumUpChanges(before, policy) }
}

async function loadInThread(
  files: readonly PolicyFile[],
  { ceiling, before, timeout, signal }: LoadBesideOptions,
): Promise<LoadedBeside> {
  const begun = performance.now()
  const arriving = new MessageChannel()
  const leaving = before && new MessageChannel()
  const order: LoadOrder = {
    kind: 'crossgate-load',
    files,
    ceiling,
    pieces: arriving.port2,
    before: leaving?.port2,
  }
  const late = new AbortController()
  let worker: Worker | undefined
  try {
    worker = new Worker(THREAD, {
      workerData: order,
      transferList: [arriving.port2, ...(leaving ? [leaving.port2] : [])],
    })
    const nextReport = reportsOf(worker)
    const over = givenUp(timeout, late.signal, signal)
    if (before && leaving) void sendPolicy(leaving.port1, before)
    const { loaded, problems, moreFiles, error } = await Promise.race([loadReport(nextReport), over])
    if (error !== undefined) throw new Error(error)
    const read = [...withoutCeiling(files, ceiling), ...moreFiles]
    if (!loaded) return { policy: undefined, problems, files: read, changes: [] }
    const policy = await Promise.race([receivePolicy(arriving.port1, late.signal), over])
    // It could serve by now, so what it changes is not waited for without an end. It is bounded by its steps, which take
    // about as long as loading: the rest is for a machine that is busy.
    const patience = Math.max(LEAST_PATIENCE_MILLISECONDS, PATIENCE * (performance.now() - begun))
    const waiting = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal])
    const changes = before ? await changesReport(nextReport, patience, waiting) : []
    return { policy, problems, files: read, changes }
  } finally {
    arriving.port1.close()
    leaving?.port1.close()
    late.abort()
    if (worker !== undefined) giveUp(worker)
  }
}

/** Rejects when it has taken too long, or is no longer wanted. @param done ends the waiting */
async function givenUp(timeout: number, done: AbortSignal, unwanted?: AbortSignal): Promise<never> {
  const signal = unwanted === undefined ? done : AbortSignal.any([done, unwanted])
  await sleep(timeout, undefined, { signal }).catch(() => {})
  throw new Error(
    unwanted?.aborted
      ? STOPPING
      : `the policy cannot be loaded: it took longer than --policy-load-timeout, ${timeout / 1000} s`,
  )
}

/** Asks for what the thread says next; rejects where it ends before. */
type NextReport = () => Promise<unknown>

function reportsOf(worker: Worker): NextReport {
  const messages = on(worker, 'message')
  const died = once(worker, 'exit').then(([code]) => {
    throw new Error(`the thread that loads it ended (${code})`)
  })
  died.catch(() => {})
  return async () => {
    const { value } = await Promise.race([messages.next(), died])
    return value[0]
  }
}

async function loadReport(nextReport: NextReport): Promise<LoadReport> {
  try {
    return (await nextReport()) as LoadReport
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'the policy cannot be loaded: there is not enough memory'
        : `the policy cannot be loaded: ${message}`,
    )
  }
}

/** @param milliseconds after which nobody waits for it any more */
async function changesReport(
  nextReport: NextReport,
  milliseconds: number,
  signal: AbortSignal,
): Promise<readonly PolicyChange[]> {
  const over = sleep(milliseconds, undefined, { signal }).then(() => {
    throw new Error(`it took ${PATIENCE} times as long as loading the policy`)
  })
  try {
    const { changes } = (await Promise.race([nextReport(), over])) as ChangesReport
    return changes
  } catch (error) {
    return notSummedUp(error as Error)
  }
}

/** One piece, then whatever waits: requests come in between. Copied, since it is in use. */
async function sendPolicy(port: MessagePort, policy: CompiledPolicy): Promise<void> {
  for (const piece of packPolicy(policy, false)) {
    port.postMessage(piece)
    await turn()
  }
}

/** Piece by piece, since each takes its time. @param done ends it, should a piece never come */
async function receivePolicy(port: MessagePort, done: AbortSignal): Promise<CompiledPolicy> {
  const unpacker = new PolicyUnpacker()
  for (;;) {
    done.throwIfAborted()
    const received = receiveMessageOnPort(port) as { message: PolicyPiece } | undefined
    const policy = received && unpacker.add(received.message)
    if (policy !== undefined) return policy
    await turn()
  }
}

const STOPPING = 'the policy was not loaded: the gateway is stopping'

const THREAD = new URL('./load-thread.js', import.meta.url)

/** Characters: what takes some 20 ms to load, a third of what the start of a thread costs. */
const LARGE = 65_536
/** For what a policy changes, as so many times what loading it took. */
const PATIENCE = 3
const LEAST_PATIENCE_MILLISECONDS = 1_000
