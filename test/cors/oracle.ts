/**
 * A reading of the policy's origin patterns (design section 2, "Origins") written apart from src/cors: no regular
 * expression, no index, no code in common, one step after the other, as slow as it likes.
 */
export function oracleHolds(pattern: string, origin: string): boolean {
  if (!isSerialised(origin)) return false
  const [patternScheme, patternRest] = halves(pattern)
  const [scheme, rest] = halves(origin)
  if (patternScheme !== scheme) return false

  const [patternHost, patternPort] = authority(patternRest)
  const [host, port] = authority(rest)
  if (patternPort !== '*' && patternPort !== port) return false
  return holdsHost(patternHost, host)
}

function holdsHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  const above = pattern.slice(2).split('.')
  const labels = host.split('.')
  if (labels.length <= above.length) return false
  if (labels.slice(labels.length - above.length).join('.') !== above.join('.')) return false
  return labels.slice(0, labels.length - above.length).every(isLabel)
}

/** A serialised tuple origin, as far as a policy's patterns could ever hold one. */
function isSerialised(origin: string): boolean {
  if (origin.split('://').length !== 2) return false
  const [scheme, rest] = halves(origin)
  const [host, port] = authority(rest)
  if (rest !== (port === '' ? host : `${host}:${port}`)) return false
  if (host.startsWith('[') ? !isBracketed(host) : host.length > 253 || !host.split('.').every(isLabel))
    return false
  if (port !== '' && (String(Number(port)) !== port || !(Number(port) >= 0 && Number(port) <= 65535)))
    return false
  if (port.includes('.') || port.includes('e') || port.includes('-')) return false
  return port !== usualPort(scheme)
}

function usualPort(scheme: string): string {
  if (scheme === 'http' || scheme === 'ws') return '80'
  if (scheme === 'https' || scheme === 'wss') return '443'
  return 'none'
}

function halves(text: string): [string, string] {
  const at = text.indexOf('://')
  return [text.slice(0, at), text.slice(at + 3)]
}

function authority(rest: string): [string, string] {
  const colon = rest.lastIndexOf(':')
  if (colon === -1 || rest.lastIndexOf(']') > colon) return [rest, '']
  return [rest.slice(0, colon), rest.slice(colon + 1)]
}

function isBracketed(host: string): boolean {
  return host.endsWith(']') && consistsOf(host.slice(1, -1), `${DIGITS}abcdef:`)
}

function isLabel(label: string): boolean {
  return consistsOf(label, `${DIGITS}abcdefghijklmnopqrstuvwxyz-_`)
}

function consistsOf(text: string, alphabet: string): boolean {
  return text !== '' && [...text].every(character => alphabet.includes(character))
}

const DIGITS = '0123456789'
