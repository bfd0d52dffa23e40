import type { Refusal } from './next-generation.js'
import type { PolicyFile } from './policy-source.js'

/** Other processes that serve the same policy: all of them take a new one, or none. */
export interface Followers {
  /** @returns why one of them cannot take it */
  prepare(files: readonly PolicyFile[]): Promise<Refusal | undefined>
  commit(): void
  abort(): void
}
