import type { Logger } from 'pino'
import type { RecurringLines } from '../../observe/log/recurring-lines.js'
import type { Settings } from '../../settings.js'
import type { KeyPair } from '../listener/listener-tls.js'
import type { LoadShedder } from '../listener/load-shedder.js'
import type { LivePolicy } from '../loading/live-policy.js'
import type { Recorder } from './recorder.js'

/** What the data plane is built from. */
export interface GatewayParts {
  readonly settings: Settings
  readonly live: LivePolicy
  readonly recorder: Recorder
  /** Undefined: the listener speaks plain http. */
  readonly keyPair?: KeyPair | undefined
  readonly load: LoadShedder
  /** The gateway's own log, and what of it clients and upstreams cause. */
  readonly log: Logger
  readonly recurring: RecurringLines
}
