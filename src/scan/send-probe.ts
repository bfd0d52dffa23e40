import { type ScanClient, upgradeHeaders } from './client.js'
import type { Exchange } from './exchange.js'
import type { HeaderLine } from './header-line.js'
import type { Labels, Place, Probe } from './probes/probe.js'
import type { Session } from './session.js'
import type { ScanTarget } from './target.js'

/** Sends one probe and notes both sides of the exchange. */
export async function sendProbe(
  target: ScanTarget,
  probe: Probe,
  { client, labels, session }: { client: ScanClient; labels: Labels; session: Session },
): Promise<Exchange> {
  const headers: readonly HeaderLine[] = [
    ...(probe.session ? session.headers : []),
    ...probe.headers.map(([name, value]): HeaderLine => [name, latin1(value)]),
    ...(probe.kind === 'websocket' ? upgradeHeaders() : []),
    ...(probe.kind === 'cache' ? [] : NOT_STORED),
  ]
  const sent = { method: probe.method, path: pathOf(target, probe.at, labels), headers }
  const result = await client.send(target, sent)
  if ('answer' in result) return { probe, sent, answer: result.answer, failure: undefined }
  const { failure, refused } = result
  return { probe, sent, answer: undefined, failure, ...(refused && { refused }) }
}

function pathOf({ path }: ScanTarget, at: Place, { first }: Labels): string {
  const query = path.includes('?') ? path.slice(path.indexOf('?')) : ''
  const clean = path.slice(0, path.length - query.length)
  const folder = clean.slice(0, clean.lastIndexOf('/') + 1)
  switch (at) {
    case 'url':
      return path
    case 'unknown-path':
      return `${folder}${first}-unknown`
    case 'bad-path':
      return `${folder}%${first}`
    case 'bad-query':
      return `${clean}${query === '' ? '?' : `${query}&`}${first}=%ff%`
    case 'double-slash-path':
      return `/${path}`
    case 'slash-path':
      return `${clean === '/' ? '//' : clean.endsWith('/') ? clean.slice(0, -1) : `${clean}/`}${query}`
    case 'unique':
      return `${clean}${query === '' ? '?' : `${query}&`}${first}=1`
  }
}

// Header values go out as single bytes.
function latin1(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1')
}

// RFC 9111, section 5.2.1.5: asks every cache on the way not to keep what this request is answered, so that no
// crafted origin ever lands in an entry that others are given.
const NOT_STORED: readonly HeaderLine[] = [['Cache-Control', 'no-store']]
