import { announcedBy } from '../cors/preflight-request.js'
import { readPageUrl } from '../policy/explain/page-url.js'
import { readNamedFile } from './named-file.js'
import { pageMethod } from './page-method.js'

/** A request to explain, as bytes, and what bytes do not say. */
export interface ExplainInput {
  /** An HTTP/1.1 head, one character per byte. */
  readonly bytes: string
  readonly scheme: 'http' | 'https'
  /** What an audit record says was decided at the time. */
  readonly recorded?: { readonly outcome: string; readonly reason: string }
  /** What had to be assumed. */
  readonly notes: readonly string[]
}

export interface ExplainFlags {
  readonly url?: string
  readonly origin?: string
  readonly method?: string
  readonly header: readonly string[]
  readonly preflight?: boolean
  readonly request?: string
  readonly scheme?: 'http' | 'https'
}

/**
 * Reads what is to be explained: the flags, a raw request, or an audit record.
 *
 * @throws Error with one sentence, where it is none of these.
 */
export function readExplainInput(flags: ExplainFlags): ExplainInput {
  if (flags.request === undefined) return fromFlags(flags)
  const text = readNamedFile(flags.request, 'the request in ', 'latin1')
  return text.trimStart().startsWith('{') ? fromRecord(text, flags) : fromRaw(text, flags)
}

// In words that fit the fields of a file of expectations, too.
function fromFlags({
  url,
  origin,
  method: written = 'GET',
  header,
  preflight = false,
}: ExplainFlags): ExplainInput {
  if (url === undefined) throw new Error('say what to explain: --url and --origin, or --request FILE')
  const asked = readPageUrl(url)
  if (asked === undefined) {
    throw new Error(
      `the url is a whole address, such as https://api.shop.example/orders or wss://api.shop.example/live, not ${JSON.stringify(url)}`,
    )
  }
  const headers = header.map(line => {
    const [, name, value = ''] = /^([^:\s]+)(?::\s*(.*))?$/.exec(line) ?? []
    if (name === undefined)
      throw new Error(`a header is a name, or "name: value", not ${JSON.stringify(line)}`)
    return [name, value] as const
  })
  if (asked.websocket && preflight)
    throw new Error('a WebSocket has no preflight: browsers do not ask for it')
  const { method, notes } = pageMethod(written)
  if (asked.websocket && method !== 'GET')
    throw new Error(`the handshake of a WebSocket is a GET, not ${JSON.stringify(method)}`)
  const lines = preflight ? announced(method, headers) : headers
  return {
    bytes: headOf(preflight ? 'OPTIONS' : method, asked.target, [
      ['Host', asked.host],
      ...(asked.websocket ? HANDSHAKE : []),
      ...(origin === undefined ? [] : [['Origin', origin] as const]),
      ...lines,
    ]),
    scheme: asked.scheme,
    notes,
  }
}

function announced(method: string, headers: readonly HeaderLine[]): readonly HeaderLine[] {
  const { requestMethod, requestHeaders } = announcedBy({ method, headers })
  return [
    ['Access-Control-Request-Method', requestMethod],
    ...(requestHeaders === undefined ? [] : [['Access-Control-Request-Headers', requestHeaders] as const]),
  ]
}

// People's files have their own line ends, and seldom the blank line at the end.
function fromRaw(text: string, { scheme = 'http' }: ExplainFlags): ExplainInput {
  const [head = ''] = text.replace(/^\s+/, '').split(/\r?\n\r?\n/)
  const bytes = `${head.trimEnd().replaceAll(/\r?\n/g, '\r\n')}\r\n\r\n`
  return { bytes, scheme, notes: [] }
}

function fromRecord(text: string, { scheme = 'http', method, header }: ExplainFlags): ExplainInput {
  const [line = '', ...others] = text.split('\n').filter(one => one.trim() !== '')
  let record: Record<string, unknown>
  try {
    record = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'))
  } catch {
    throw new Error('the request begins with `{`, and its first line is no JSON object')
  }
  const field = (name: string): string | undefined =>
    typeof record[name] === 'string' ? (record[name] as string) : undefined
  const verb = field('method')
  const path = field('path')
  if (verb === undefined || path === undefined) {
    const event = field('event')
    const what = event === undefined ? 'this has no fields `method` and `path`' : `this is ${event}`
    throw new Error(`${what}; give the record of a decision: cors.denied or cors.allowed`)
  }
  const notes: string[] = []
  if (others.length > 0) notes.push(`of ${others.length + 1} records, only the first is explained`)
  if (record['overflow'] === true) {
    notes.push('this record counts the requests of many origins; it is explained without one')
  }
  const cut = CAPPED.filter(name => field(name)?.endsWith(ELLIPSIS))
  if (cut.length > 0) {
    notes.push(
      `the record was too small for ${cut.join(' and ')}; what is explained is the part that it holds`,
    )
  }
  const headers: HeaderLine[] = [['Host', field('host') ?? '']]
  const origin = field('origin')
  if (origin !== undefined) headers.push(['Origin', origin])
  if (field('kind') === 'preflight') {
    const recorded = field('requestedMethod')
    // What is recorded was sent like that; only what somebody writes now goes through a browser.
    const asked = method === undefined ? { method: recorded ?? 'GET', notes: [] } : pageMethod(method)
    notes.push(...asked.notes)
    const askedHeaders = header.length > 0 ? header.join(',') : wholeNames(field('requestedHeaders'))
    headers.push(['Access-Control-Request-Method', asked.method])
    if (askedHeaders !== undefined) headers.push(['Access-Control-Request-Headers', askedHeaders])
    if (recorded === undefined && method === undefined) {
      notes.push(
        'this record does not say what the preflight asked for; assumed GET (say --method and --header)',
      )
    }
  }
  if (field('kind') === 'websocket') {
    headers.push(...HANDSHAKE)
  }
  const reason = field('reason')
  const outcome = field('outcome')
  return {
    bytes: headOf(verb, path, headers),
    scheme,
    ...(reason !== undefined && outcome !== undefined && { recorded: { outcome, reason } }),
    notes,
  }
}

// The name on which a record's cap fell is none that was asked for.
function wholeNames(list: string | undefined): string | undefined {
  return list?.endsWith(ELLIPSIS) ? list.replace(/,?[^,]*$/, '') : list
}

function headOf(method: string, target: string, headers: readonly HeaderLine[]): string {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  const broken = lines.find(line => /[\r\n]/.test(line))
  if (broken !== undefined)
    throw new Error(`a line break in ${JSON.stringify(broken)} would begin another header`)
  // As UTF-8 on the wire.
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8').toString('latin1')
}

type HeaderLine = readonly [name: string, value: string]

/** As browsers send it (RFC 6455 section 4.1); a decision does not look at the key, which is the RFC's example. */
const HANDSHAKE: readonly HeaderLine[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
]

/** What `printable` puts behind a text that it cuts, and the fields in which that matters here. */
const ELLIPSIS = '...'
const CAPPED = ['origin', 'host', 'path', 'requestedHeaders']
