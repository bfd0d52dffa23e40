import type { RecurringLines } from '../../observe/log/recurring-lines.js'

/**
 * Guards what serves a request. A fault of ours that it throws costs that request and not the process, which Node would
 * end for a throw in a server's event: it is logged, and `giveUp` ends the request.
 */
export function guarded<A extends readonly unknown[]>(
  recurring: RecurringLines,
  serve: (...asked: A) => void,
  giveUp: (...asked: A) => void,
): (...asked: A) => void {
  return (...asked) => {
    try {
      serve(...asked)
    } catch (error) {
      logFault(recurring, error)
      giveUp(...asked)
    }
  }
}

export function logFault(recurring: RecurringLines, error: unknown): void {
  const { stack } = error as Error
  recurring.add('error', { event: 'request.failed', error: stack }, [stack])
}
