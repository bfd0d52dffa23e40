/**
 * True for a request header that a page may set without asking first (Fetch, "CORS-safelisted request-header").
 *
 * @param name in any case
 */
export function isSafelistedRequestHeader(name: string, value: string): boolean {
  if (value.length > 128) return false
  switch (name.toLowerCase()) {
    case 'accept':
      return !UNSAFE_BYTE.test(value)
    case 'accept-language':
    case 'content-language':
      return /^[0-9A-Za-z *,.;=-]*$/.test(value)
    case 'content-type':
      return !UNSAFE_BYTE.test(value) && SAFE_TYPES.has((value.split(';')[0] ?? '').trim().toLowerCase())
    case 'range':
      return isSimpleRange(value)
    default:
      return false
  }
}

// Fetch, "simple range header value". Browsers read 64 bits: they ask for what has more digits.
function isSimpleRange(value: string): boolean {
  const [, first, last] = /^bytes=(\d{1,18})-(\d{0,18})$/.exec(value) ?? []
  return first !== undefined && (!last || BigInt(first) <= BigInt(last))
}

/** Client hints that Chromium sends without asking; the standard has not listed them since 2021. Lower case. */
export const CHROMIUM_SAFELISTED: readonly string[] = [
  'device-memory',
  'downlink',
  'dpr',
  'ect',
  'rtt',
  'save-data',
  'viewport-width',
  'width',
]

// Fetch, "CORS-unsafe request-header byte".
const UNSAFE_BYTE = /[\x00-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/
const SAFE_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])
