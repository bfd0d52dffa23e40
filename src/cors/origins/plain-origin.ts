/**
 * True for http or https and a plain domain name, as nearly every entry is: browsers spell it just so, which one look
 * tells. False says nothing.
 */
export function isPlainOrigin(text: string): boolean {
  return text.length <= MAX_PLAIN && PLAIN.test(text) && !text.includes('xn--')
}

// The last label begins with a letter, so it is no number; without `xn--`, ASCII is its own punycode (URL, "domain to ASCII").
const PLAIN = /^https?:\/\/(?:[a-z0-9_-]{1,63}\.)*[a-z][a-z0-9_-]{0,62}$/
/** `http://` and the longest host. */
const MAX_PLAIN = 7 + 253
