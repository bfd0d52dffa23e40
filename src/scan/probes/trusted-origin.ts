import { hostFacts } from '../target.js'
import type { TrustedOrigin } from './crafted-origins.js'

/**
 * Cuts an origin that someone says is allowed.
 *
 * @throws Error with one sentence, where it is none
 */
export function readTrustedOrigin(text: string): TrustedOrigin {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new Error(`"${text}" is no origin: write scheme://host, as in https://app.example`)
  }
  if (url.host === '' || (url.origin !== 'null' && url.origin !== text))
    throw new Error(`"${text}" is no origin: write ${url.origin === 'null' ? 'scheme://host' : url.origin}`)
  return { scheme: url.protocol.slice(0, -1), port: url.port, ...hostFacts(url.hostname) }
}
