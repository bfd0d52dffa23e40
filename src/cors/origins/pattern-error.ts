import { isAddressHost } from './host-kind.js'
import { defaultPort } from './origin.js'

/** Why a text is no origin pattern; `spelling` is the right way to write what was probably meant, where that is certain. */
export interface PatternError {
  readonly code: PatternErrorCode
  readonly message: string
  readonly spelling?: string
}

export type PatternErrorCode =
  | 'origin-empty'
  | 'origin-whitespace'
  | 'origin-list'
  | 'origin-unicode'
  | 'origin-scheme-missing'
  | 'origin-scheme'
  | 'origin-file'
  | 'origin-userinfo'
  | 'origin-trailing-slash'
  | 'origin-path'
  | 'origin-upper-case'
  | 'origin-trailing-dot'
  | 'origin-wildcard'
  | 'origin-port'
  | 'origin-default-port'
  | 'origin-ip'
  | 'origin-host'

/** What is wrong with an entry that is no plain origin, the first of it; undefined where nothing is. */
export function firstPatternError(text: string): PatternError | undefined {
  if (text === '') return patternError('origin-empty', 'an origin cannot be empty')
  if (/[,;]|\s\S/.test(text.trim()))
    return patternError('origin-list', 'one origin per entry; split the list into entries')
  if (/\s/.test(text))
    return patternError('origin-whitespace', 'an origin has no white space around it', text.trim())
  if (/[^\u0000-\u007f]/.test(text)) {
    return patternError(
      'origin-unicode',
      'browsers send host names in punycode, never in Unicode',
      canonical(text),
    )
  }
  if (REGULAR_EXPRESSION.test(text))
    return patternError('origin-wildcard', `an entry is no regular expression: ${WILDCARDS}`)
  const scheme = /^([^:/?#]*):\/\//.exec(text)?.[1]
  if (scheme === undefined) {
    return patternError(
      'origin-scheme-missing',
      'an origin starts with its scheme',
      /^[\w.*-]+(:\d+)?$/.test(text) ? `https://${text}` : undefined,
    )
  }
  return schemeError(text, scheme) ?? restError(text, text.slice(scheme.length + 3), scheme)
}

function schemeError(text: string, scheme: string): PatternError | undefined {
  if (scheme === 'file')
    return patternError('origin-file', 'browsers send `null` for file pages, never a file origin')
  // The origin is the page's (RFC 6455 section 4.1, step 8), and no page is of these schemes.
  const page = PAGE_SCHEMES.get(scheme)
  if (page !== undefined) {
    const message = `pages are of http or https, also where they open a WebSocket, and never of ${scheme}`
    return patternError('origin-scheme', message, `${page}${text.slice(scheme.length)}`)
  }
  if (/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined
  if (/^[a-z][a-z0-9+.-]*$/i.test(scheme)) {
    return patternError('origin-upper-case', 'browsers send origins in lower case', text.toLowerCase())
  }
  return patternError(
    'origin-scheme',
    'the scheme is not one: letters, digits, `+`, `-` and `.` only, and no wildcard',
  )
}

function restError(text: string, rest: string, scheme: string): PatternError | undefined {
  const authority = /^[^/?#\\]*/.exec(rest)?.[0] ?? ''
  if (authority.includes('@')) {
    return patternError(
      'origin-userinfo',
      'an origin has no user info',
      `${scheme}://${authority.slice(authority.lastIndexOf('@') + 1)}`,
    )
  }
  const tail = rest.slice(authority.length)
  if (tail === '/')
    return patternError(
      'origin-trailing-slash',
      'an origin has no trailing slash',
      `${scheme}://${authority}`,
    )
  if (tail !== '')
    return patternError('origin-path', 'an origin has no path, query or fragment', `${scheme}://${authority}`)
  if (/[A-Z]/.test(authority))
    return patternError('origin-upper-case', 'browsers send origins in lower case', text.toLowerCase())
  return authorityError(scheme, authority)
}

function authorityError(scheme: string, authority: string): PatternError | undefined {
  const bracketed = authority.startsWith('[')
  const close = bracketed ? authority.indexOf(']') : -1
  if (bracketed && (close === -1 || !/^(:.*)?$/.test(authority.slice(close + 1)))) {
    return patternError('origin-ip', 'an IPv6 address stands in brackets, followed by a port or nothing')
  }
  const colon = authority.indexOf(':', bracketed ? close : 0)
  const host = colon === -1 ? authority : authority.slice(0, colon)
  const port = colon === -1 ? undefined : authority.slice(colon + 1)
  return hostError(scheme, host, port) ?? portError(scheme, host, port)
}

function portError(scheme: string, host: string, port: string | undefined): PatternError | undefined {
  if (port === undefined || port === '*') return undefined
  if (port.includes(':')) return patternError('origin-ip', 'an IPv6 address stands in brackets')
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
    return patternError(
      'origin-port',
      'a port is a number from 1 to 65535 without leading zeros, or `*` alone',
    )
  }
  if (port === defaultPort(scheme)) {
    return patternError(
      'origin-default-port',
      `browsers leave the default port of ${scheme} out`,
      `${scheme}://${host}`,
    )
  }
  return undefined
}

function hostError(scheme: string, host: string, port: string | undefined): PatternError | undefined {
  const suffix = port === undefined ? '' : `:${port}`
  const base = host.startsWith('*.') ? host.slice(2) : host
  if (base.includes('*')) {
    return patternError('origin-wildcard', WILDCARDS)
  }
  if (base === '') return patternError('origin-host', 'the host is missing')
  if (base.endsWith('.')) {
    return patternError(
      'origin-trailing-dot',
      'a host with a trailing dot is another origin',
      `${scheme}://${host.replace(/\.+$/, '')}${suffix}`,
    )
  }
  if (host !== base && isAddressHost(base))
    return patternError('origin-wildcard', 'an address has no subdomains')
  if (base.length > 253) return patternError('origin-host', 'a host has at most 253 characters')
  return base.startsWith('[') || ENDS_IN_NUMBER.test(base)
    ? addressError(scheme, base, suffix)
    : nameError(scheme, host, base, suffix)
}

function addressError(scheme: string, base: string, suffix: string): PatternError | undefined {
  const spelled = canonicalHost(base)
  if (spelled === base) return undefined
  const message = 'the address is not written as browsers write it'
  return patternError(
    'origin-ip',
    message,
    spelled === undefined ? undefined : `${scheme}://${spelled}${suffix}`,
  )
}

function nameError(scheme: string, host: string, base: string, suffix: string): PatternError | undefined {
  if (!base.split('.').every(label => /^[a-z0-9_-]{1,63}$/.test(label))) {
    return patternError(
      'origin-host',
      'the host has an empty or over-long label or a character that no host name has',
    )
  }
  const spelled = canonicalHost(base)
  if (spelled === base) return undefined
  const prefix = host === base ? '' : '*.'
  return patternError(
    'origin-host',
    'the host is not written as browsers write it',
    spelled && `${scheme}://${prefix}${spelled}${suffix}`,
  )
}

// `new URL` is right here and only here: this is the author's text at load time, and the question is precisely how
// a browser would spell it (URL, "host serializer").
function canonicalHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname || undefined
  } catch {
    return undefined
  }
}

function canonical(text: string): string | undefined {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)(\*\.)?([^/?#@:]+)(:(?:\d+|\*))?\/?$/i.exec(text)
  const host = parts?.[3] && canonicalHost(parts[3])
  if (!parts || !host) return undefined
  return `${parts[1]?.toLowerCase()}${parts[2] ?? ''}${host}${parts[4] ?? ''}`
}

export function patternError(code: PatternErrorCode, message: string, spelling?: string): PatternError {
  return spelling === undefined ? { code, message } : { code, message, spelling }
}

const WILDCARDS = 'the only wildcards are a leading `*.` in the host and `:*` as the port'
/** What people bring from other CORS code. */
const REGULAR_EXPRESSION = /^\/.*\/[a-z]*$|^\^|\.\*|\\\.|\$$/
/** Special schemes (URL) that no page has, and what was probably meant. */
const PAGE_SCHEMES: ReadonlyMap<string, string> = new Map([
  ['ws', 'http'],
  ['wss', 'https'],
  ['ftp', 'https'],
])
// URL, "ends in a number checker": such a host is an IPv4 address or nothing.
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[\da-f]*)$/
