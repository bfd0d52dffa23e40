import { trimOws } from '../../syntax/ows.js'
import { TOKEN_CHARACTER } from '../../syntax/token.js'

/**
 * What is wrong with a response. The message is for the log: one of our own sentences, and nothing that the upstream wrote.
 */
export class MalformedResponse extends Error {
  readonly code = 'ERR_MALFORMED_RESPONSE'
}

/** A response's head, read. */
export interface ResponseHead {
  readonly status: number
  readonly headers: readonly string[]
  /** Bytes of the body, or how its end shows. */
  readonly framing: number | 'chunked' | 'until-close'
  readonly keepAlive: boolean
  /** Milliseconds; undefined where the upstream does not say. */
  readonly keepAliveFor: number | undefined
}

/**
 * Reads a head (RFC 9112 sections 4 and 5).
 *
 * @param text latin-1, without the empty line
 */
export function parseHead(text: string): ResponseHead {
  const startEnd = text.indexOf('\r\n')
  const start = STATUS_LINE.exec(startEnd === -1 ? text : text.slice(0, startEnd))
  if (start === null) throw new MalformedResponse('the status line is malformed')
  const headers = startEnd === -1 ? [] : parseFields(text, startEnd + 2)
  let length: string | undefined
  let coding: string | undefined
  let keepAlive = start[1] === '1'
  let keepAliveFor: number | undefined
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!
    const value = headers[index + 1]!
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined) throw new MalformedResponse('there are two Content-Lengths')
      length = value
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      coding = coding === undefined ? value : `${coding},${value}`
    } else if (name.length === 10) {
      const lower = name.toLowerCase()
      if (lower === 'connection') keepAlive &&= !CLOSE.test(value)
      else if (lower === 'keep-alive') keepAliveFor = seconds(KEEP_ALIVE.exec(value)?.[1])
    }
  }
  const framing = framingOf(start[1]!, length, coding)
  return { status: Number(start[2]), headers, framing, keepAlive, keepAliveFor }
}

/**
 * Reads field lines: a token, a colon, and no control character; so no folded line, no space before the colon, no
 * bare CR or LF. All are checked at once, since it is done for every response, and then taken apart.
 *
 * @returns name and value in turn, whitespace around values taken away
 * @throws MalformedResponse
 */
export function parseFields(text: string, from: number): string[] {
  FIELD_LINES.lastIndex = from
  if (!FIELD_LINES.test(text)) throw new MalformedResponse('a field line is malformed')
  const fields: string[] = []
  for (let at = from; at < text.length; ) {
    const colon = text.indexOf(':', at)
    const lineEnd = text.indexOf('\r\n', colon)
    const end = lineEnd === -1 ? text.length : lineEnd
    fields.push(text.slice(at, colon), trimOws(text, colon + 1, end))
    at = end + 2
  }
  return fields
}

/** True where a 101 changes to the protocol that a WebSocket handshake asks for (RFC 6455 section 4.1). */
export function namesWebSocket(rawHeaders: readonly string[]): boolean {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'upgrade')
  return at !== -1 && rawHeaders[at + 1]?.toLowerCase() === 'websocket'
}

function seconds(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits) * 1000
}

// RFC 9112 section 6.3. With both, one of two readers is led astray: that is no response to pass on.
function framingOf(
  minor: string,
  length: string | undefined,
  coding: string | undefined,
): number | 'chunked' | 'until-close' {
  if (coding !== undefined) {
    if (length !== undefined || minor === '0') throw new MalformedResponse('the framing is ambiguous')
    // Another coding would go out unlabelled: only the chunks are taken away here.
    if (coding.toLowerCase() !== 'chunked') throw new MalformedResponse('the transfer coding is unknown')
    return 'chunked'
  }
  if (length === undefined) return 'until-close'
  if (!DIGITS.test(length)) throw new MalformedResponse('the Content-Length is malformed')
  return Number(length)
}

// The last line's end may be left out; an empty line is none.
const FIELD_LINES = new RegExp(`(?:${TOKEN_CHARACTER}+:[\\t\\x20-\\x7e\\x80-\\xff]*(?:\\r\\n|$))*$`, 'y')
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const DIGITS = /^\d{1,15}$/
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i
const KEEP_ALIVE = /(?:^|,)[\t ]*timeout[\t ]*=[\t ]*(\d{1,6})/i
