import { escapeControls } from '../report/display-text.js'
import type { Exchange } from './exchange.js'
import type { HeaderLine } from './header-line.js'

/** A request and its answer as evidence: lines of text, values of the session replaced. */
export interface Proof {
  readonly request: readonly string[]
  readonly response: readonly string[]
}

/**
 * The lines of an exchange that CORS is about. What the user gave as `-H` is secret wherever it shows up: as a
 * header of the request, or said back by the server.
 */
export function proofOf({ sent, answer, failure }: Exchange, secrets: readonly string[]): Proof {
  const line = ([name, value]: HeaderLine): string => cut(redact(`${name}: ${value}`, secrets))
  return {
    request: [
      cut(redact(`${sent.method} ${sent.path} HTTP/1.1`, secrets)),
      ...sent.headers.filter(([name]) => !DULL_REQUEST.has(name.toLowerCase())).map(line),
    ],
    response:
      answer === undefined
        ? [cut(redact(failure ?? 'no answer', secrets))]
        : [
            cut(redact(`HTTP/1.1 ${answer.status} ${answer.statusText}`.trimEnd(), secrets)),
            ...answer.headers.filter(([name]) => TELLING.test(name)).map(line),
          ],
  }
}

/** What must not be printed: the values of headers, and the parts of them that a server could say back. */
export function secretsOf(headers: readonly HeaderLine[]): readonly string[] {
  const parts = headers.flatMap(([, value]) => {
    const words = value.split(/[;,\s]+/).filter(word => !SCHEMES.has(word.toLowerCase()))
    return [value, ...words, ...words.map(word => word.slice(word.indexOf('=') + 1))]
  })
  return [...new Set(parts)]
    .filter(part => part.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
}

/** A sentence with something of the target's in it, fit to be shown. */
export function shown(text: string, secrets: readonly string[]): string {
  return cut(redact(text, secrets))
}

export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((redacted, secret) => redacted.replaceAll(secret, REDACTED), text)
}

/** What servers send is never a command to whatever shows it; and it is not endless. */
function cut(written: string): string {
  const text = escapeControls(written)
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}… (${text.length} characters)` : text
}

const REDACTED = '[redacted]'
const SHORTEST_SECRET = 4
const SCHEMES = new Set(['basic', 'bearer', 'digest', 'negotiate'])
const MAX_LINE = 300

const DULL_REQUEST = new Set([
  // Asks caches to forget it: a manner of the scan's, not what the answer is about.
  'cache-control',
  'connection',
  'accept',
  'user-agent',
  'sec-websocket-key',
  'sec-websocket-version',
])
const TELLING =
  /^(?:access-control-.*|timing-allow-origin|vary|cache-control|expires|last-modified|age|x-cache|location|retry-after|strict-transport-security)$/i
