import type { ActivityEvents } from '../../observe/activity/activity-events.js'
import { auditEvent, type DecisionFacts } from '../../observe/events/audit-event.js'
import type { StrippedEvent } from '../../observe/events/operations-event.js'
import type { AuditLog } from '../../observe/log/audit-log.js'
import type { LineSink } from '../../observe/log/line-sink.js'
import type { Metrics } from '../../observe/metrics/metrics.js'
import type { UpstreamOutcome } from '../exchange/exchange.js'

/** Everyone who wants to know what happens to requests: the audit log, the metrics and the console's view. */
export interface Recorder {
  /**
   * Before the response's headers.
   *
   * @param facts called where they are wanted for a record, and then at once
   */
  decision(counted: CountedFacts, facts: () => DecisionFacts): void
  /** What an upstream said about CORS, removed or, in report mode, passed on. */
  corsStripped(event: StrippedEvent, lines: number): void
  upstream(name: string, outcome: Pick<UpstreamOutcome, 'result' | 'milliseconds' | 'code'>): void
  requestStarted(): void
  requestEnded(): void
  webSocketOpened(): void
  webSocketClosed(): void
  /** True while requests are to be refused because they could not be recorded (`--audit-on-error deny`). */
  readonly blocked: boolean
}

/** What is counted of every decision. */
export type CountedFacts = Pick<DecisionFacts, 'route' | 'kind' | 'outcome' | 'enforced' | 'reason'>

export interface RecorderParts {
  readonly audit: AuditLog
  readonly sink: Pick<LineSink, 'failing'>
  readonly metrics: Metrics
  readonly activity: ActivityEvents
  readonly onError: 'continue' | 'deny'
}

export function createRecorder({ audit, sink, metrics, activity, onError }: RecorderParts): Recorder {
  return {
    decision(counted, facts) {
      metrics.decision(counted)
      // Most requests are allowed and most logs keep none of those: then no event is made.
      if (counted.outcome === 'allowed' && !audit.keepsNextAllowed()) {
        activity.counted('allowed', 1)
        return
      }
      const event = auditEvent(facts())
      audit.decision(event)
      activity.decision(event)
    },
    corsStripped(event, lines) {
      audit.corsStripped(event)
      activity.corsStripped(event)
      // In report mode it is still the upstream's business: nothing to alert on.
      if (event.enforced) metrics.stripped(event.kind.upstream, lines)
    },
    upstream(name, { result, milliseconds, code }) {
      metrics.upstream(name, result, milliseconds)
      activity.upstream(name, result, milliseconds, code)
    },
    requestStarted: () => metrics.requestStarted(),
    requestEnded: () => metrics.requestEnded(),
    webSocketOpened: () => metrics.webSocketOpened(),
    webSocketClosed: () => metrics.webSocketClosed(),
    get blocked() {
      return onError === 'deny' && sink.failing
    },
  }
}
