import type { Logger } from 'pino'

/**
 * Guards what serves a request. A fault of ours that it throws costs that request and not the process, which Node would
 * end for a throw in a server's event: it is logged, and `giveUp` ends the request.
 */
export function guarded<A extends readonly unknown[]>(
  log: Logger,
  serve: (...asked: A) => void,
  giveUp: (...asked: A) => void,
): (...asked: A) => void {
  return (...asked) => {
    try {
      serve(...asked)
    } catch (error) {
      logFault(log, error)
      giveUp(...asked)
    }
  }
}

export function logFault(log: Logger, error: unknown): void {
  log.error({ event: 'request.failed', error: (error as Error).stack })
}
