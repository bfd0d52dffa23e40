import { pageHead } from '../../gateway/dry-run/page-head.js'
import { pageMethod } from '../../gateway/dry-run/page-method.js'
import {
  HANDSHAKE,
  type HeaderLine,
  headBytes,
  type RequestHead,
} from '../../gateway/dry-run/request-head.js'
import { readNamedFile } from './named-file.js'

/** A request to explain. */
export interface ExplainInput extends RequestHead {
  /** What an audit record says was decided at the time. */
  readonly recorded?: { readonly outcome: string; readonly reason: string }
}

export interface ExplainFlags {
  readonly url?: string
  readonly origin?: string
  readonly method?: string
  readonly header?: readonly string[]
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
  if (flags.request === undefined) {
    refuse(flags, ['scheme'], 'only for --request; a --url says it itself')
    return fromFlags(flags)
  }
  refuse(flags, ['url', 'origin', 'preflight'], '--request says all of it; say one of them')
  const text = readNamedFile(flags.request, 'the request in ', 'latin1')
  return text.trimStart().startsWith('{') ? fromRecord(text, flags) : fromRaw(text, flags)
}

// What would not be looked at must not look as if it were.
function refuse(flags: ExplainFlags, names: readonly (keyof ExplainFlags)[], why: string): void {
  const given = names.filter(name => flags[name] !== undefined)
  if (given.length > 0) throw new Error(`${given.map(name => `--${name}`).join(' and ')}: ${why}`)
}

function fromFlags({ url, header = [], ...flags }: ExplainFlags): ExplainInput {
  if (url === undefined) throw new Error('say what to explain: --url and --origin, or --request FILE')
  return pageHead({ url, header, ...flags })
}

// People's files have their own line ends, and seldom the blank line at the end.
function fromRaw(text: string, flags: ExplainFlags): ExplainInput {
  refuse(flags, ['method', 'header'], 'the raw request says it; change it there')
  const { scheme = 'http' } = flags
  const [head = ''] = text.replace(/^\s+/, '').split(/\r?\n\r?\n/)
  const bytes = `${head.trimEnd().replaceAll(/\r?\n/g, '\r\n')}\r\n\r\n`
  return { bytes, scheme, notes: [] }
}

function fromRecord(text: string, flags: ExplainFlags): ExplainInput {
  const { scheme = 'http', method, header } = flags
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
    const askedHeaders = header !== undefined ? header.join(',') : wholeNames(field('requestedHeaders'))
    headers.push(['Access-Control-Request-Method', asked.method])
    if (askedHeaders !== undefined) headers.push(['Access-Control-Request-Headers', askedHeaders])
    if (recorded === undefined && method === undefined) {
      notes.push(
        'this record does not say what the preflight asked for; assumed GET (say --method and --header)',
      )
    }
  } else {
    refuse(flags, ['method', 'header'], 'only for the record of a preflight, and this is none')
  }
  if (field('kind') === 'websocket') {
    headers.push(...HANDSHAKE)
  }
  const reason = field('reason')
  const outcome = field('outcome')
  return {
    bytes: headBytes(verb, path, headers),
    scheme,
    ...(reason !== undefined && outcome !== undefined && { recorded: { outcome, reason } }),
    notes,
  }
}

// The name on which a record's cap fell is none that was asked for.
function wholeNames(list: string | undefined): string | undefined {
  return list?.endsWith(ELLIPSIS) ? list.replace(/,?[^,]*$/, '') : list
}

/** What `printable` puts behind a text that it cuts, and the fields in which that matters here. */
const ELLIPSIS = '...'
const CAPPED = ['origin', 'host', 'path', 'requestedHeaders']
