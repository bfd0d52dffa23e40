import { domainToASCII } from 'node:url'
import type { HostFacts } from '../target.js'
import type { OriginClass } from './origin-class.js'
import type { Labels } from './probe.js'
import { SPECIAL_CHARACTERS } from './special-characters.js'

/** An Origin value with what is crafted about it. */
export interface CraftedOrigin {
  readonly originClass: OriginClass
  readonly origin: string
  /** As in `Probe`. */
  readonly browsers?: readonly string[]
}

/** A trusted origin to craft around: the scanned server's own, or one that its users know to be allowed. */
export interface TrustedOrigin extends HostFacts {
  readonly scheme: string
  readonly port: string
}

/** The Origins that a correct matcher refuses, given what it may trust. Pure: the same labels give the same list. */
export function craftedOrigins(trusted: TrustedOrigin, labels: Labels): readonly CraftedOrigin[] {
  const { scheme, site } = trusted
  const name = site === undefined ? [] : aroundSite(scheme, trusted, site, labels)
  return [...aroundHost(trusted, labels), ...name, ...loose(trusted, labels)]
}

/** The Origins that are crafted around no name at all. */
export function genericOrigins(scheme: string, { first }: Labels): readonly CraftedOrigin[] {
  return [
    ...['https', 'http'].map(each => crafted('localhost-prefix', `${each}://localhost.${first}.com`)),
    ...SHARED_HOSTING.map(host => crafted('shared-hosting', `https://${host.replace('*', first)}`)),
    ...LOCALHOSTS.map(origin => crafted('localhost', origin)),
    ...IP_SPELLINGS.map(host => crafted('unsendable', `${scheme}://${host}`, [])),
    crafted('unsendable', `${scheme}://${'a'.repeat(OVER_LONG)}.${first}.com`, []),
    crafted('unsendable', '', []),
  ]
}

/** Names for a host that may be an address: these need no registrable domain. */
function aroundHost({ scheme, host, port }: TrustedOrigin, { first }: Labels): readonly CraftedOrigin[] {
  const other = port === '8443' ? '9443' : '8443'
  const special = SPECIAL_CHARACTERS.map(({ text, browsers }) =>
    crafted('special-character', `${scheme}://${host}${text}.${first}.com`, browsers),
  )
  if (host.startsWith('[')) return [crafted('port', `${scheme}://${host}:${other}`)]
  return [
    crafted('contains', `${scheme}://${first}${host}.${first}.com`),
    crafted('prefix', `${scheme}://${host}.${first}.com`),
    crafted('glued-suffix', `${scheme}://${host}${first}.com`),
    ...special,
    crafted('special-character', `${scheme}://${host}.-.${first}.com`, ['Chromium', 'Safari']),
    crafted('special-character', `${scheme}://${host}._.${first}.com`, ['Chromium', 'Firefox', 'Safari']),
    crafted('port', `${scheme}://${host}:${other}`),
  ]
}

/** Names around a registrable domain. */
function aroundSite(
  scheme: string,
  { host, suffix, port }: TrustedOrigin,
  site: string,
  { first }: Labels,
): readonly CraftedOrigin[] {
  const hosts = host === site ? [host] : [host, site]
  const at = port === '' ? '' : `:${port}`
  const stem = (name: string): string => name.slice(0, name.length - (suffix ?? '').length - 1)
  const secure = scheme === 'https'
  return [
    crafted('public-suffix', `${scheme}://${first}.${suffix}`),
    crafted('suffix', `${scheme}://${first}${site}`),
    // Of the site alone: api.example without its first letter would still be a name of the same owner's.
    crafted('truncated', `${scheme}://${site.slice(1)}`),
    ...hosts.flatMap(name => [
      crafted('truncated', `${scheme}://${name.slice(0, -1)}`),
      ...OTHER_TLDS.filter(tld => tld !== suffix).map(tld =>
        crafted('other-tld', `${scheme}://${stem(name)}.${tld}`),
      ),
      ...undotted(name, suffix).map(each => crafted('unescaped-dot', `${scheme}://${each}`)),
      crafted('subdomain', `${scheme}://${first}.${name}${at}`),
      crafted('subdomain', `${scheme}://${first}.${name}`),
      ...(secure ? [crafted('insecure', `http://${first}.${name}`)] : []),
    ]),
    ...(secure ? [crafted('insecure', `http://${host}`), crafted('insecure', `http://${site}`)] : []),
    ...lookAlike(host, site).map(each => crafted('idn', `${scheme}://${each}`)),
  ]
}

/** Spellings of the trusted origin itself that a matcher accepts only if it parses or folds instead of comparing. */
function loose({ scheme, host, port }: TrustedOrigin, { first }: Labels): readonly CraftedOrigin[] {
  const at = port === '' ? '' : `:${port}`
  const standard = scheme === 'https' ? '443' : '80'
  return [
    `${scheme}://${host.toUpperCase()}${at}`,
    `${scheme.toUpperCase()}://${host}${at}`,
    `${scheme}://${host}.${at}`,
    `${scheme}://${host}${at}/`,
    `${scheme}://${host}:0`,
    `${scheme}://${host}:65536`,
    ...(port === '' ? [`${scheme}://${host}:${standard}`] : []),
    `${scheme}://${host}@${first}.com`,
    `${scheme}://${host}${at}, ${scheme}://${first}.com`,
    `${scheme}://${host}${at} ${scheme}://${first}.com`,
    `${host}${at}`,
  ].map(origin => crafted('unsendable', origin, []))
}

// The last dot stays: without it the name has no top-level domain, and nobody can register it.
function undotted(name: string, suffix: string | undefined): readonly string[] {
  const end = name.length - (suffix ?? '').length
  const dots = [...name.matchAll(/\./g)].map(match => match.index).slice(0, -1)
  return dots.filter(at => at < end).map(at => `${name.slice(0, at)}x${name.slice(at + 1)}`)
}

function lookAlike(host: string, site: string): readonly string[] {
  const at = Array.from(site).findIndex(character => LOOK_ALIKES.has(character))
  const letter = LOOK_ALIKES.get(site[at] ?? '')
  if (letter === undefined) return []
  const fake = `${site.slice(0, at)}${letter}${site.slice(at + 1)}`
  return [domainToASCII(host.slice(0, host.length - site.length) + fake)].filter(name => name !== '')
}

function crafted(originClass: OriginClass, origin: string, browsers?: readonly string[]): CraftedOrigin {
  return browsers === undefined ? { originClass, origin } : { originClass, origin, browsers }
}

const OTHER_TLDS = ['tk', 'net', 'com']

const SHARED_HOSTING = [
  '*.github.io',
  '*.gitlab.io',
  '*.pages.dev',
  '*.workers.dev',
  '*.vercel.app',
  '*.netlify.app',
  '*.web.app',
  '*.herokuapp.com',
  '*.azurewebsites.net',
  '*.s3.amazonaws.com',
  '*.cloudfront.net',
  'cdpn.io',
  'codepen.io',
  'null.jsbin.com',
  'fiddle.jshell.net',
  '*.repl.co',
]

const LOCALHOSTS = ['http://localhost', 'http://localhost:3000', 'http://127.0.0.1', 'http://[::1]']

// Browsers serialise all of these as 127.0.0.1 or [::ffff:7f00:1].
const IP_SPELLINGS = ['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '[::ffff:127.0.0.1]']

// Cyrillic letters that look like Latin ones.
const LOOK_ALIKES = new Map([
  ['a', 'а'],
  ['c', 'с'],
  ['e', 'е'],
  ['o', 'о'],
  ['p', 'р'],
  ['x', 'х'],
  ['y', 'у'],
  ['s', 'ѕ'],
  ['i', 'і'],
])

const OVER_LONG = 5000
