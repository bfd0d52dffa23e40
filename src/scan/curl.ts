import type { Exchange } from './exchange.js'
import type { HeaderLine } from './header-line.js'
import { needsRaw } from './raw-exchange.js'
import type { Session } from './session.js'
import type { ScanTarget } from './target.js'

/**
 * A command line that sends the same request, for whoever wants to see it; undefined where curl would not send it so.
 *
 * @param session is given as curl can read it and nobody else
 * @param hide makes what is sent fit to be shown
 */
export function curlOf(
  { origin }: Pick<ScanTarget, 'origin'>,
  { sent: { method, path, headers } }: Pick<Exchange, 'sent'>,
  session: Session,
  hide: (text: string) => string,
): string | undefined {
  const lines = headers.filter(([name]) => !OURS.has(name.toLowerCase()))
  const shown = lines.filter(line => !session.headers.includes(line))
  // An empty value needs another spelling, and hardly anyone wants to paste five thousand letters.
  if (needsRaw(lines) || lines.some(([, value]) => value === '')) return undefined
  if (shown.some(([, value]) => value.length > MAX_VALUE)) return undefined
  const options = shown.map((line: HeaderLine) => `-H ${quoted(hide(line.join(': ')))}`)
  const all = shown.length < lines.length ? [...session.curlOptions, ...options] : options
  return ['curl', METHODS.get(method) ?? `-gsi -X ${method}`, ...all, quoted(hide(origin + path))].join(' ')
}

/** The `-H` of a file that curl reads as the scan did. */
export function fileOption(file: string): string {
  return `-H ${quoted(`@${file}`)}`
}

/** The `-H` of a header whose value is asked of the environment: a shell stops where it is not there. */
export function variableOption(name: string): string {
  const variable = `SCAN_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
  return `-H "${name.replace(/[$`]/g, '\\$&')}: \${${variable}:?set it to the value of that header}"`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

// No body is read by -I; -g leaves brackets and braces of the URL alone.
const METHODS = new Map([
  ['GET', '-gsi'],
  ['HEAD', '-gsI'],
])
const OURS = new Set(['cache-control'])
const MAX_VALUE = 300
