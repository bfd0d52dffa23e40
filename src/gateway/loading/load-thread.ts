import { on } from 'node:events'
import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import {
  buffersOf,
  type PolicyPiece,
  PolicyUnpacker,
  packPolicy,
} from '../../policy/compiled/policy-parcel.js'
import { sumUpChanges } from './changes-summary.js'
import type { ChangesReport, LoadOrder, LoadReport } from './load-order.js'
import { loadPolicyFiles } from './load-policy.js'

/** The thread of `load-beside.ts`: the loader of every start and command, where no request waits for it. */
async function run(order: LoadOrder): Promise<void> {
  const { files, ceiling, pieces, before } = order
  let loaded: CompiledPolicy | undefined
  let report: LoadReport
  try {
    const { policy, problems, files: read } = loadPolicyFiles(files, { ceiling, serving: true })
    for (const piece of policy === undefined ? [] : packPolicy(policy)) {
      // Handed over where nothing is to be done with it here any more.
      pieces.postMessage(piece, before === undefined ? (buffersOf(piece) as ArrayBuffer[]) : [])
    }
    const moreFiles = read.filter(file => !files.includes(file))
    report = { loaded: policy !== undefined, problems, moreFiles, error: undefined }
    loaded = policy
  } catch (error) {
    report = { loaded: false, problems: [], moreFiles: [], error: (error as Error).message }
  }
  parentPort?.postMessage(report)
  if (before === undefined || loaded === undefined) return
  const told: ChangesReport = { changes: sumUpChanges(await receivePolicy(before), loaded) }
  parentPort?.postMessage(told)
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
