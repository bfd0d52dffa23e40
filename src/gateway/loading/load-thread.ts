import { on } from 'node:events'
import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import {
  buffersOf,
  type PolicyPiece,
  PolicyUnpacker,
  packPolicy,
} from '../../policy/compiled/policy-parcel.js'
import { type PolicyChange, policyChanges } from '../../policy/diff/policy-changes.js'
import type { LoadOrder, LoadReport } from './load-order.js'
import { loadPolicyFiles } from './load-policy.js'

/** The thread of `load-beside.ts`: the loader of every start and command, where no request waits for it. */
async function run(order: LoadOrder): Promise<void> {
  const { files, ceiling, pieces } = order
  let report: LoadReport
  try {
    const { policy, problems, files: read } = loadPolicyFiles(files, { ceiling, serving: true })
    const changes = policy === undefined ? [] : await changesOf(order, policy)
    for (const piece of policy === undefined ? [] : packPolicy(policy)) {
      pieces.postMessage(piece, buffersOf(piece) as ArrayBuffer[])
    }
    const moreFiles = read.filter(file => !files.includes(file))
    report = { loaded: policy !== undefined, problems, moreFiles, changes, error: undefined }
  } catch (error) {
    report = { loaded: false, problems: [], moreFiles: [], changes: [], error: (error as Error).message }
  }
  parentPort?.postMessage(report)
}

async function changesOf(
  { before: port }: LoadOrder,
  after: CompiledPolicy,
): Promise<readonly PolicyChange[]> {
  const before = port && (await receivePolicy(port))
  return before === undefined || before.revision === after.revision
    ? []
    : policyChanges(before, after, Date.now())
}

async function receivePolicy(port: MessagePort): Promise<CompiledPolicy> {
  const unpacker = new PolicyUnpacker()
  for await (const [piece] of on(port, 'message')) {
    const policy = unpacker.add(piece as PolicyPiece)
    if (policy !== undefined) return policy
  }
  throw new Error('the policy in force did not arrive')
}

// Loaded anywhere else, it does nothing.
const order = workerData as Partial<LoadOrder> | null
if (!isMainThread && order?.kind === 'crossgate-load') void run(order as LoadOrder)
