import type { MessagePort } from 'node:worker_threads'
import type { PolicyChange } from '../../policy/diff/policy-changes.js'
import type { Problem } from '../../policy/problems/problem.js'
import type { PolicyFile } from './policy-source.js'

/** What a thread is to load (see `load-beside.ts`), as its `workerData`. */
export interface LoadOrder {
  readonly kind: 'crossgate-load'
  readonly files: readonly PolicyFile[]
  readonly ceiling: string | undefined
  /** Where the pieces of the policy go, before its report. */
  readonly pieces: MessagePort
  /** Where the pieces of the policy in force come from, to sum up what changes; undefined: there is none. */
  readonly before: MessagePort | undefined
}

/** What the thread says once it has loaded the policy, or has not. */
export interface LoadReport {
  /** True where a policy went out in pieces. */
  readonly loaded: boolean
  readonly problems: readonly Problem[]
  /** The files that were read besides those of the order. */
  readonly moreFiles: readonly PolicyFile[]
  /** Why nothing could be read, in one sentence. */
  readonly error: string | undefined
}

/** What it says then, of a policy that it has loaded while another was in force. */
export interface ChangesReport {
  readonly changes: readonly PolicyChange[]
}
