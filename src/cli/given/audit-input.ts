import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { whyUnreadable } from '../../gateway/loading/file-failure.js'
import { type AuditLine, type ReadStats, readRecords } from '../../observe/reading/read-records.js'
import { complain } from '../terminal/complain.js'
import { nameOf } from './named-file.js'

/**
 * Reads audit logs one after the other, `-` is stdin, with a progress bar on stderr where that is a terminal.
 *
 * Input of no bytes at all is what rotation leaves behind, and gets a note on stderr.
 *
 * @throws Error with one sentence, where a file cannot be read, or there is text and none of it is an audit record.
 */
export async function readAuditLogs(
  paths: readonly string[],
  onRecord: (record: AuditLine) => void,
): Promise<ReadStats> {
  const named = paths.length === 0 ? ['-'] : paths
  const total = named.reduce((sum, path) => sum + sizeOf(path), 0)
  const progress = new Progress(total)
  const all: ReadStats = { lines: 0, unreadable: 0, bytes: 0 }
  for (const path of named) {
    try {
      const stats = await readRecords(open(path), onRecord, ({ bytes }) => progress.show(all.bytes + bytes))
      all.lines += stats.lines
      all.unreadable += stats.unreadable
      all.bytes += stats.bytes
    } catch (error) {
      throw new Error(`cannot read ${nameOf(path)}: ${whyUnreadable(error)}`)
    }
  }
  progress.end()
  const names = named.map(nameOf).join(', ')
  if (all.bytes === 0) {
    complain(`nothing in ${names}: either rotated a moment ago, or not what serve writes with --audit-file`)
    return all
  }
  if (all.lines === 0) {
    throw new Error(`no record in ${names}. Is this what serve writes with --audit-file?`)
  }
  if (all.unreadable === all.lines) {
    throw new Error(
      'no line is an audit record. Give the file that serve writes with --audit-file, in the format native',
    )
  }
  return all
}

function open(path: string): Readable {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES })
}

function sizeOf(path: string): number {
  try {
    return path === '-' ? 0 : statSync(path).size
  } catch {
    return 0
  }
}

class Progress {
  readonly #total: number
  #shown = 0

  constructor(total: number) {
    this.#total = process.stderr.isTTY && total > SMALL_BYTES ? total : 0
  }

  show(bytes: number): void {
    const now = Date.now()
    if (this.#total === 0 || now - this.#shown < 100) return
    this.#shown = now
    const part = Math.min(1, bytes / this.#total)
    const filled = Math.round(part * WIDTH)
    const megabytes = `${Math.round(bytes / 1e6)} of ${Math.round(this.#total / 1e6)} MB`
    process.stderr.write(
      `\r${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(part * 100)} % ${megabytes} `,
    )
  }

  end(): void {
    if (this.#shown > 0) process.stderr.write('\r\u001b[K')
  }
}

const CHUNK_BYTES = 1024 * 1024
const SMALL_BYTES = 8 * 1024 * 1024
const WIDTH = 30
