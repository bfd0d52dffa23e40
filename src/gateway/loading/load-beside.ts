import { once } from 'node:events'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import { type PolicyPiece, PolicyUnpacker, packPolicy } from '../../policy/compiled/policy-parcel.js'
import { type PolicyChange, policyChanges } from '../../policy/diff/policy-changes.js'
import type { Problem } from '../../policy/problems/problem.js'
import type { LoadOrder, LoadReport } from './load-order.js'
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
  const size = files.reduce((sum, { text }) => sum + text.length, 0)
  return size > LARGE ? loadInThread(files, options) : loadHere(files, options)
}

function loadHere(files: readonly PolicyFile[], { ceiling, before }: LoadBesideOptions): LoadedBeside {
  const { policy, problems, files: read } = loadPolicyFiles(files, { ceiling, serving: true })
  const isNew = policy !== undefined && before !== undefined && policy.revision !== before.revision
  return { policy, problems, files: read, changes: isNew ? policyChanges(before, policy, Date.now()) : [] }
}

async function loadInThread(
  files: readonly PolicyFile[],
  { ceiling, before, timeout, signal }: LoadBesideOptions,
): Promise<LoadedBeside> {
  const arriving = new MessageChannel()
  const leaving = before && new MessageChannel()
  const order: LoadOrder = {
    kind: 'crossgate-load',
    files,
    ceiling,
    pieces: arriving.port2,
    before: leaving?.port2,
  }
  const worker = new Worker(THREAD, {
    workerData: order,
    transferList: [arriving.port2, ...(leaving ? [leaving.port2] : [])],
  })
  const late = new AbortController()
  const over = givenUp(timeout, late.signal, signal)
  try {
    if (before && leaving) void sendPolicy(leaving.port1, before)
    const { loaded, problems, moreFiles, changes, error } = await Promise.race([reportOf(worker), over])
    if (error !== undefined) throw new Error(error)
    const read = [...withoutCeiling(files, ceiling), ...moreFiles]
    return {
      policy: loaded ? await Promise.race([receivePolicy(arriving.port1, late.signal), over]) : undefined,
      problems,
      files: read,
      changes,
    }
  } finally {
    arriving.port1.close()
    leaving?.port1.close()
    late.abort()
    giveUp(worker)
  }
}

/** Rejects when it has taken too long, or is no longer wanted. @param done ends the waiting */
async function givenUp(timeout: number, done: AbortSignal, unwanted?: AbortSignal): Promise<never> {
  const signal = unwanted === undefined ? done : AbortSignal.any([done, unwanted])
  await sleep(timeout, undefined, { signal }).catch(() => {})
  throw new Error(
    unwanted?.aborted
      ? 'the policy was not loaded: the gateway is stopping'
      : `the policy cannot be loaded: it took longer than --policy-load-timeout, ${timeout / 1000} s`,
  )
}

async function reportOf(worker: Worker): Promise<LoadReport> {
  const died = once(worker, 'exit').then(([code]) => {
    throw new Error(`the thread that loads it ended (${code})`)
  })
  try {
    const [report] = await Promise.race([once(worker, 'message'), died])
    return report as LoadReport
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'the policy cannot be loaded: there is not enough memory'
        : `the policy cannot be loaded: ${message}`,
    )
  } finally {
    died.catch(() => {})
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

const THREAD = new URL('./load-thread.js', import.meta.url)

/** Characters: what takes some 20 ms to load, a third of what the start of a thread costs. */
const LARGE = 65_536
