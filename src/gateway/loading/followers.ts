import type { PolicyFile } from './policy-source.js'

/** Other processes that serve the same policy: all of them take a new one, or none. */
export interface Followers {
  /** @returns why one of them cannot take it */
  prepare(files: readonly PolicyFile[]): Promise<string | undefined>
  commit(): void
  abort(): void
}
