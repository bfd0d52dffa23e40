import type { Logger } from 'pino'
import type { Settings } from '../settings.js'
import type { LivePolicy } from './live-policy.js'
import type { Recorder } from './recorder.js'

/** What the data plane is built from. */
export interface GatewayParts {
  readonly settings: Settings
  readonly live: LivePolicy
  readonly recorder: Recorder
  /** The gateway's own log: upstream failures, start and stop. */
  readonly log: Logger
}
