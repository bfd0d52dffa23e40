import type { TargetResult } from './target-result.js'

/**
 * Runs a job per item, a few at a time, in order of the list; keeps what each came to and nothing else, so that memory
 * does not grow with what was sent. Ends early when interrupted: then with what there is.
 *
 * @param done called after each, for the progress bar
 */
export async function scanAll<Item>(
  items: readonly Item[],
  concurrency: number,
  scan: (item: Item) => Promise<TargetResult>,
  { signal, done }: { readonly signal: AbortSignal; readonly done: (result: TargetResult) => void },
): Promise<readonly TargetResult[]> {
  const results: TargetResult[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length && !signal.aborted) {
      const at = next++
      const result = await scan(items[at] as Item)
      results[at] = result
      done(result)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
  return results.filter(result => result !== undefined)
}
