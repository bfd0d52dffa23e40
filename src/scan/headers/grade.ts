import { escapeControls } from '../../report/display-text.js'
import { type Answer, headerOf, linesOf } from '../exchange.js'

/**
 * The security headers of an answer, with a point for everything that is there and a reason for everything that is not. The reasons
 * are our own words: of what the server sent they name known values, numbers and cookies' names, capped and escaped.
 */
export interface HeaderGrade {
  readonly grade: 'A' | 'B' | 'C' | 'D' | 'F'
  /** Of 100, over the checks that apply. */
  readonly score: number
  readonly checks: readonly HeaderCheck[]
}

export interface HeaderCheck {
  readonly header: string
  readonly points: number
  readonly of: number
  /** Why these points, and what would give the rest. */
  readonly reason: string
}

/** Grades an answer. What cannot apply (HSTS over http, cookies where none are set) is left out of the sum. */
export function gradeHeaders(answer: Answer, scheme: 'http' | 'https'): HeaderGrade {
  const checks = CHECKS.flatMap(({ header, of, check }) => {
    const result = check(answer, scheme)
    return result === undefined ? [] : [{ header, points: Math.round(of * result[0]), of, reason: result[1] }]
  })
  const total = checks.reduce((sum, { of }) => sum + of, 0)
  const score = Math.round((100 * checks.reduce((sum, { points }) => sum + points, 0)) / total)
  return { grade: gradeOf(score), score, checks }
}

function gradeOf(score: number): HeaderGrade['grade'] {
  if (score >= 90) return 'A'
  if (score >= 75) return 'B'
  if (score >= 60) return 'C'
  return score >= 40 ? 'D' : 'F'
}

/** A share of the points, 0 to 1, and the reason; undefined where the check does not apply. */
type Verdict = readonly [share: number, reason: string] | undefined

function hsts(answer: Answer, scheme: 'http' | 'https'): Verdict {
  if (scheme === 'http')
    return [0, 'not over https: anyone on the network path can read and change everything']
  const value = headerOf(answer, 'strict-transport-security')
  if (value === undefined) return [0, 'absent: a first visit over http can be intercepted']
  const age = Number(/max-age\s*=\s*"?(\d+)/i.exec(value)?.[1] ?? 0)
  if (age < HALF_A_YEAR) return [0.5, `max-age is ${age} seconds; half a year (15768000) or more lasts`]
  return /includesubdomains/i.test(value)
    ? [1, 'long enough, subdomains included']
    : [0.8, 'add includeSubDomains']
}

function csp(answer: Answer): Verdict {
  const value = headerOf(answer, 'content-security-policy')
  if (value === undefined)
    return [
      0,
      isPage(answer)
        ? 'absent: any injected script runs'
        : "absent: for an API, default-src 'none' costs nothing",
    ]
  const scripts = /(?:script-src|default-src)\s([^;]*)/i.exec(value)?.[1]
  if (scripts === undefined) return [0.4, 'neither script-src nor default-src is set']
  const nonced = /'(?:nonce-|sha(?:256|384|512)-|strict-dynamic)/i.test(scripts)
  if (/'unsafe-inline'/i.test(scripts) && !nonced) return [0.4, "'unsafe-inline' lets injected scripts run"]
  if (/(?:^|\s)(?:\*|https?:|data:)(?:\s|$)/i.test(scripts) && !nonced)
    return [0.4, 'scripts from anywhere are allowed']
  return /'unsafe-eval'/i.test(scripts) ? [0.8, "'unsafe-eval' is allowed"] : [1, 'restricts scripts']
}

function nosniff(answer: Answer): Verdict {
  const value = headerOf(answer, 'x-content-type-options')
  return value?.trim().toLowerCase() === 'nosniff'
    ? [1, 'nosniff']
    : [0, 'set it to nosniff, or browsers may guess another type']
}

function framing(answer: Answer): Verdict {
  const ancestors = /frame-ancestors\s([^;]*)/i.exec(headerOf(answer, 'content-security-policy') ?? '')?.[1]
  if (ancestors !== undefined)
    return /(?:^|\s)\*(?:\s|$)/.test(ancestors)
      ? [0, 'frame-ancestors * lets any page frame it']
      : [1, 'frame-ancestors is set']
  const old = headerOf(answer, 'x-frame-options')?.trim().toUpperCase()
  if (old === 'DENY' || old === 'SAMEORIGIN')
    return [0.8, `X-Frame-Options: ${old}; frame-ancestors is its successor`]
  return [0, 'absent: any page can frame it']
}

function referrer(answer: Answer): Verdict {
  const value = listLast(headerOf(answer, 'referrer-policy'))
  if (value === undefined) return [0.5, 'absent: browsers default to strict-origin-when-cross-origin']
  if (LEAKY_REFERRER.has(value)) return [0, `${value} tells other sites whole URLs or origins over http`]
  return SAFE_REFERRER.has(value) ? [1, value] : [0.5, 'no value that browsers know: they take their default']
}

function isolation(name: string, good: readonly string[], advice: string) {
  return (answer: Answer): Verdict => {
    const value = headerOf(answer, name)?.split(';')[0]?.trim().toLowerCase()
    return value !== undefined && good.includes(value) ? [1, value] : [0, advice]
  }
}

function cookies(answer: Answer): Verdict {
  const lines = linesOf(answer, 'set-cookie')
  if (lines.length === 0) return undefined
  const faults = lines.flatMap(line => {
    const [pair = '', ...attributes] = line.split(';').map(part => part.trim())
    const has = (wanted: string): boolean => attributes.some(each => each.toLowerCase() === wanted)
    const sameSite = attributes
      .map(each => /^samesite=(.*)$/i.exec(each)?.[1]?.toLowerCase())
      .find(each => each !== undefined)
    const lacking = [
      ...(has('secure') ? [] : ['Secure']),
      ...(has('httponly') ? [] : ['HttpOnly']),
      ...(sameSite === undefined ? ['SameSite'] : []),
    ]
    const name = nameOf(pair)
    if (lacking.length > 0) return [`${name} lacks ${lacking.join(', ')}`]
    return sameSite === 'none' ? [`${name} has SameSite=None: foreign pages send it too`] : []
  })
  if (faults.length === 0) return [1, 'Secure, HttpOnly and SameSite']
  const more = faults.length - MAX_COOKIES
  return [0, [...faults.slice(0, MAX_COOKIES), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')]
}

/** What a cookie is called. One without "=" has a value only (RFC 6265bis, section 5.6), and values are never said. */
function nameOf(pair: string): string {
  const [name = ''] = pair.includes('=') ? pair.split('=') : []
  if (name === '') return 'a cookie without a name'
  const shown = escapeControls(name)
  return shown.length > MAX_NAME ? `${shown.slice(0, MAX_NAME)}…` : shown
}

function isPage(answer: Answer): boolean {
  return /html/i.test(headerOf(answer, 'content-type') ?? '')
}

// The last value that a browser knows counts; earlier ones are for older browsers.
function listLast(value: string | undefined): string | undefined {
  return value?.split(',').at(-1)?.trim().toLowerCase()
}

const LEAKY_REFERRER = new Set([
  'unsafe-url',
  'no-referrer-when-downgrade',
  'origin',
  'origin-when-cross-origin',
])
const SAFE_REFERRER = new Set([
  'no-referrer',
  'same-origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
])
const HALF_A_YEAR = 15_768_000
const MAX_COOKIES = 5
const MAX_NAME = 40

const CHECKS: readonly {
  readonly header: string
  readonly of: number
  readonly check: (answer: Answer, scheme: 'http' | 'https') => Verdict
}[] = [
  { header: 'Strict-Transport-Security', of: 20, check: hsts },
  { header: 'Content-Security-Policy', of: 25, check: csp },
  { header: 'X-Content-Type-Options', of: 15, check: nosniff },
  { header: 'frame-ancestors', of: 15, check: framing },
  { header: 'Referrer-Policy', of: 5, check: referrer },
  {
    header: 'Cross-Origin-Opener-Policy',
    of: 5,
    check: isolation(
      'cross-origin-opener-policy',
      ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups'],
      'a page that opens it keeps a handle on its window: set it to same-origin',
    ),
  },
  {
    header: 'Cross-Origin-Resource-Policy',
    of: 5,
    check: isolation(
      'cross-origin-resource-policy',
      ['same-origin', 'same-site'],
      'any page can load it as an image or script: set it to same-origin or same-site',
    ),
  },
  { header: 'Set-Cookie', of: 10, check: cookies },
]
