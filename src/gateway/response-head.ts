/** What is wrong with a response, in one sentence. Its text is never shown: it is the upstream's. */
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
 * Reads a head (RFC 9112 section 4 and 5).
 *
 * @param text latin-1, without the empty line
 */
export function parseHead(text: string): ResponseHead {
  const lines = text.split('\r\n')
  const start = STATUS_LINE.exec(lines[0]!)
  if (start === null) throw new MalformedResponse('the status line is malformed')
  const headers: string[] = []
  let length: string | undefined
  let coding: string | undefined
  let keepAlive = start[1] === '1'
  let keepAliveFor: number | undefined
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!
    if (!isField(line)) throw new MalformedResponse('a header line is malformed')
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = trimOws(line, colon + 1)
    headers.push(name, value)
    if (colon === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined) throw new MalformedResponse('there are two Content-Lengths')
      length = value
    } else if (colon === 17 && name.toLowerCase() === 'transfer-encoding') {
      coding = coding === undefined ? value : `${coding},${value}`
    } else if (colon === 10) {
      const lower = name.toLowerCase()
      if (lower === 'connection') keepAlive &&= !CLOSE.test(value)
      else if (lower === 'keep-alive') keepAliveFor = seconds(KEEP_ALIVE.exec(value)?.[1])
    }
  }
  const framing = framingOf(start[1]!, length, coding)
  return { status: Number(start[2]), headers, framing, keepAlive, keepAliveFor }
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

// A token, a colon, and no control character: so no folded line, no space before the colon, no bare CR or LF.
export function isField(line: string): boolean {
  return FIELD.test(line)
}

function trimOws(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isOws(line.charCodeAt(start))) start++
  while (end > start && isOws(line.charCodeAt(end - 1))) end--
  return line.slice(start, end)
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/
const DIGITS = /^\d{1,15}$/
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i
const KEEP_ALIVE = /(?:^|,)[\t ]*timeout[\t ]*=[\t ]*(\d{1,6})/i
