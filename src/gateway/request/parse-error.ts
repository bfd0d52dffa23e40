import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { REASONS, type Reason } from '../../cors/reason.js'
import { findConnection } from '../listener/client-connection.js'
import { plainAddress } from '../listener/peer.js'
import { corsHeaders } from './answer.js'
import { contextOf } from './context-of.js'
import type { GatewayParts } from './gateway-parts.js'

/**
 * Answers what Node's parser could not read, and records it. The answer says as little as HTTP allows and the
 * connection ends, because nobody knows where the next request would begin. What was read before it is answered first,
 * as it would have been: a fault in a later request is not theirs. A fault in the body of a request that was decided is
 * told with the CORS headers of its answer, so that the page can read it; of a head that was not read, nobody knows the
 * origin.
 */
export function answerParseError(parts: GatewayParts, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const connection = findConnection(socket)
  const turn = responseOn(socket)
  const latest = connection?.last ?? turn
  // RFC 9112 section 9.6: what comes behind a request that closes the connection is nobody's.
  if (connection?.isEnding || (error.code === 'HPE_CLOSED_CONNECTION' && latest !== undefined)) return
  // Node tells the same of every segment that comes after this one.
  connection?.endHere()
  const reason = reasonOf(error)
  const [status, phrase] = parseErrorStatus(error)
  const faulty = latest === undefined || latest.req.complete ? undefined : latest
  const context = faulty && contextOf(faulty)
  if (context === undefined) recordUnread(parts, socket, reason, HINTS[error.code ?? ''])
  else context.record(status)

  if (turn !== undefined && turn !== faulty) endAfter(faulty === undefined ? (latest ?? turn) : turn, socket)
  // Before the end of its TLS handshake a client can read no answer; a second one would be read as part of one that is
  // on its way.
  else if (connection === undefined || !socket.writable || turn?.headersSent) socket.destroy()
  else {
    const headers = [...(context ? corsHeaders(context) : []), 'Connection', 'close', 'Content-Length', '0']
    socket.end(`HTTP/1.1 ${status} ${phrase}\r\n${linesOf(headers)}\r\n`)
    endSoon(socket)
  }
}

// Ends the connection behind an answer, with what is said of that in its head if that can be said yet.
function endAfter(response: ServerResponse, socket: Socket): void {
  if (!response.headersSent) response.shouldKeepAlive = false
  response.once('finish', () => {
    socket.end()
    endSoon(socket)
  })
}

// A client that does not close its side would hold what the request holds, its upstream's connection included.
function endSoon(socket: Socket): void {
  setTimeout(() => socket.destroy(), GRACE_MILLISECONDS).unref()
}

function linesOf(headers: readonly string[]): string {
  let lines = ''
  for (let index = 0; index < headers.length; index += 2)
    lines += `${headers[index]}: ${headers[index + 1]}\r\n`
  return lines
}

// There is no request to speak of, only a peer; but a refusal without a trace would be a place to probe from.
function recordUnread(
  { recorder, live }: GatewayParts,
  socket: Socket,
  reason: Reason,
  hint: string | undefined,
): void {
  const counted = { outcome: 'denied', enforced: true, kind: 'not-cors', reason, route: undefined } as const
  recorder.decision(counted, () => ({
    ...counted,
    hint,
    origin: undefined,
    method: '',
    host: '',
    path: '',
    rule: undefined,
    status: REASONS[reason].status,
    client: plainAddress(socket.remoteAddress ?? ''),
    requestId: randomUUID(),
    traceId: undefined,
    policyRevision: live.current.policy.revision,
  }))
}

// The response whose turn it is on this connection. Node's own handler of parse errors looks here, and there is no
// public way to ask.
function responseOn(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
}

/** The status and its phrase for what the parser could not read. */
export function parseErrorStatus(error: NodeJS.ErrnoException): readonly [number, string] {
  const { status } = REASONS[reasonOf(error)]
  return [status, STATUS_CODES[status] ?? '']
}

function reasonOf({ code }: NodeJS.ErrnoException): Reason {
  return REASON_OF[code ?? ''] ?? 'request-malformed'
}

const REASON_OF: Readonly<Record<string, Reason>> = {
  HPE_HEADER_OVERFLOW: 'too-many-headers',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'request-timeout',
}

// OpenSSL knows the commonest methods by their first bytes; of the others it sees only that they are no TLS.
const HINTS: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: 'plain HTTP on the TLS port',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'plain HTTP on the TLS port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS, perhaps plain HTTP, on the TLS port',
}

const GRACE_MILLISECONDS = 2_000
