import type { Logger } from 'pino'

/**
 * Runs what serves one request. A fault of ours that it throws costs that request and not the process, which Node would
 * end for a throw in a server's event: it is logged, and `giveUp` ends the request.
 */
export function guarded(log: Logger, run: () => void, giveUp: () => void): void {
  try {
    run()
  } catch (error) {
    log.error({ event: 'request.failed', error: (error as Error).stack })
    giveUp()
  }
}
