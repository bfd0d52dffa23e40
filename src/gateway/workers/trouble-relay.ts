import type { AuditTrouble } from '../../observe/log/audit-trouble.js'
import type { LineSink } from '../../observe/log/line-sink.js'

/** Tells the primary how it stands with a worker's audit records: while they cannot be written, and once when they can again. */
export function relayTrouble(
  sink: Pick<LineSink, 'trouble'>,
  tell: (trouble: AuditTrouble | undefined) => void,
): void {
  let told: AuditTrouble | undefined
  setInterval(() => {
    const { trouble } = sink
    if (trouble !== undefined || told !== undefined) tell(trouble)
    told = trouble
  }, INTERVAL_MILLISECONDS).unref()
}

const INTERVAL_MILLISECONDS = 250
