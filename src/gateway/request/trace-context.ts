import { randomFillSync } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The trace that a request belongs to (W3C Trace Context). */
export interface Trace {
  readonly id: string
  /** The `traceparent` to send upstream; undefined where the client sent one that is passed on. */
  readonly made: string | undefined
}

/**
 * Passed on where it can be read, else a new trace begins here (section 4.3). Not sampled: whether spans are recorded
 * is for who records them to say.
 */
export function traceOf(request: IncomingMessage): Trace {
  return begun.get(request) ?? given(request) ?? newTrace('00')
}

/** Makes the trace of a request known before it is decided, to whoever reads its headers for spans. */
export function beginTrace(request: IncomingMessage): void {
  if (given(request) !== undefined) return
  const trace = newTrace('01')
  begun.set(request, trace)
  request.headers['traceparent'] = trace.made
}

function given({ headers }: IncomingMessage): Trace | undefined {
  const value = headers['traceparent']
  const id = typeof value === 'string' ? TRACEPARENT.exec(value)?.[1] : undefined
  return id === undefined ? undefined : { id, made: undefined }
}

function newTrace(flags: string): Trace {
  const drawn = randomHex(24)
  const id = drawn.slice(0, 32)
  return { id, made: `00-${id}-${drawn.slice(32)}-${flags}` }
}

// From a pool: the system call costs more than everything else that is decided about a request.
function randomHex(bytes: number): string {
  if (drawn + bytes > pool.length) {
    randomFillSync(pool)
    drawn = 0
  }
  drawn += bytes
  return pool.toString('hex', drawn - bytes, drawn)
}

const pool = Buffer.allocUnsafeSlow(4096)
let drawn = pool.length
const begun = new WeakMap<IncomingMessage, Trace>()
// Section 3.2.2; a later version may say more behind the flags.
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/
