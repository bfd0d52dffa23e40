import type { Readable } from 'node:stream'

/** A line of the audit log as read back: nothing about it is certain. */
export type AuditLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface ReadStats {
  lines: number
  /** Lines that are no audit record in the native format. */
  unreadable: number
  bytes: number
}

/**
 * Reads an audit log as it comes, a line at a time, in constant memory.
 *
 * @param onRecord called for each record, in order
 * @param onProgress called after each chunk
 */
export async function readRecords(
  input: Readable,
  onRecord: (record: AuditLine) => void,
  onProgress: (stats: ReadStats) => void = () => {},
): Promise<ReadStats> {
  const stats: ReadStats = { lines: 0, unreadable: 0, bytes: 0 }
  let rest = Buffer.alloc(0)
  let overlong = false
  const take = (bytes: Buffer): void => {
    if (bytes.length === 0 && !overlong) return
    stats.lines++
    const record = overlong ? undefined : parse(bytes)
    overlong = false
    if (record === undefined) stats.unreadable++
    else onRecord(record)
  }

  for await (const read of input) {
    const chunk = typeof read === 'string' ? Buffer.from(read) : (read as Buffer)
    stats.bytes += chunk.length
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const line = chunk.subarray(from, end)
      take(rest.length === 0 ? line : Buffer.concat([rest, line]))
      rest = EMPTY
      from = end + 1
    }
    rest = from === chunk.length ? EMPTY : Buffer.concat([rest, chunk.subarray(from)])
    if (rest.length > MAX_LINE_BYTES) {
      overlong = true
      rest = EMPTY
    }
    onProgress(stats)
  }
  take(rest)
  return stats
}

function parse(bytes: Buffer): AuditLine | undefined {
  try {
    const record: unknown = JSON.parse(bytes.toString())
    const known = typeof record === 'object' && record !== null && 'event' in record && 'schema' in record
    return known && typeof record.event === 'string' ? (record as unknown as AuditLine) : undefined
  } catch {
    return undefined
  }
}

const NEWLINE = 0x0a
const EMPTY = Buffer.alloc(0)
const MAX_LINE_BYTES = 1024 * 1024
