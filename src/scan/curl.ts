import type { Exchange } from './exchange.js'
import type { HeaderLine } from './header-line.js'
import { needsRaw } from './raw-exchange.js'
import type { ScanTarget } from './target.js'

/**
 * A command line that sends the same request, for whoever wants to see it; undefined where curl would not send it so.
 *
 * @param hide makes what is sent fit to be shown
 */
export function curlOf(
  { origin }: Pick<ScanTarget, 'origin'>,
  { sent: { method, path, headers } }: Pick<Exchange, 'sent'>,
  hide: (text: string) => string,
): string | undefined {
  const lines = headers.filter(([name]) => !OURS.has(name.toLowerCase()))
  // An empty value needs another spelling, and hardly anyone wants to paste five thousand letters.
  if (needsRaw(lines) || lines.some(([, value]) => value === '' || value.length > MAX_VALUE)) return undefined
  const options = lines.map((line: HeaderLine) => `-H ${quoted(hide(line.join(': ')))}`)
  return ['curl', METHODS.get(method) ?? `-gsi -X ${method}`, ...options, quoted(hide(origin + path))].join(
    ' ',
  )
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
