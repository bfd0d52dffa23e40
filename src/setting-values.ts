import { BlockList, isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { LONGEST_WAIT, MILLISECONDS, parseDuration } from './syntax/duration.js'

// How the texts of settings are read.

/** @throws Error with one sentence that says what would be right. */
export interface SettingReader<T> {
  (text: string): T
  /** The words that it takes, where it is words. */
  readonly values?: readonly string[]
  /** How a settings file writes it; absent: as text. */
  readonly notation?: Notation
}

/** `path`: text, relative to the settings file. `quantity`: a number, or text with a unit. `list`: of texts. */
export type Notation = 'text' | 'path' | 'number' | 'quantity' | 'list'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Reads `HOST:PORT` or `[::1]:PORT`. */
export function address(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65535)
    throw new Error(`"${text}" is not HOST:PORT, such as 127.0.0.1:8080`)
  const host = bracketed || plain
  // An empty host would open every interface to whoever only left it out.
  if (!host)
    throw new Error(`"${text}" names no host: say 127.0.0.1:${port}, or 0.0.0.0:${port} for every interface`)
  return { host, port: Number(port) }
}

/** As `address` reads it. */
export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Whether two listeners would want the same port; port 0 is another one each time. */
export function sharePort(one: Address, other: Address): boolean {
  if (one.port !== other.port || one.port === 0) return false
  return addressesOf(one.host).some(a =>
    addressesOf(other.host).some(b => a === b || holds(a, b) || holds(b, a)),
  )
}

function addressesOf(host: string): readonly string[] {
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [host.toLowerCase()]
}

// `::` takes IPv4 too.
function holds(wildcard: string, host: string): boolean {
  return wildcard === '::' || (wildcard === '0.0.0.0' && isIP(host) === 4)
}

/** Reads an address, or undefined for `off`. */
export function addressOrOff(text: string): Address | undefined {
  return text === 'off' ? undefined : address(text)
}

/** Reads `N`, or `auto` for the processors that this process may use. */
export function workerCount(text: string): number {
  const number = text === 'auto' ? availableParallelism() : count(text)
  if (number > 256) throw new Error(`"${text}" is more than 256`)
  return number
}
workerCount.notation = 'quantity' as const

/** Which decisions get a record: denials always, and `allowed` one in this many (0: none). */
export interface AuditLevel {
  readonly allowed: number
}

/** Reads `denied`, `all` or `sample:N`. */
export function auditLevel(text: string): AuditLevel {
  if (text === 'denied' || text === 'all') return { allowed: text === 'all' ? 1 : 0 }
  const [, sample] = /^sample:([1-9]\d{0,8})$/.exec(text) ?? []
  if (sample !== undefined) return { allowed: Number(sample) }
  if (text.startsWith('sample:'))
    throw new Error(`"${text}" has no whole number above 0 behind its colon, such as sample:100`)
  throw new Error(`"${text}" is none of ${auditLevel.values.join(', ')}, sample:N`)
}
auditLevel.values = ['denied', 'all'] as const

/** Reads host names between commas or white space, without case. */
export function hostNames(text: string): readonly string[] {
  const names = entriesOf(text.toLowerCase())
  for (const name of names) {
    // What no Host header says would be a line that does nothing.
    if (isIP(name) === 0 && !HOST_NAME.test(name))
      throw new Error(
        `"${name}" is not a host name such as gateway.internal: without scheme, port and wildcard, in ASCII`,
      )
  }
  return names
}
hostNames.notation = 'list' as const

/** Reads `500ms`, `30s`, `10m`, `2h`, or seconds; in milliseconds. */
export function duration(text: string): number {
  // Flags and variables know no numbers: one without a unit is seconds.
  const milliseconds = parseDuration(/\d$/.test(text) ? `${text}s` : text, MILLISECONDS)
  if (milliseconds === undefined) {
    throw new Error(
      `"${text}" is not a duration such as ${MILLISECONDS.examples}, or a plain number of seconds`,
    )
  }
  if (milliseconds > LONGEST_WAIT) throw new Error(`"${text}" is longer than 24h`)
  return milliseconds
}
duration.notation = 'quantity' as const

/** Reads a duration of 100 ms or more. */
export function positiveDuration(text: string): number {
  const milliseconds = duration(text)
  if (milliseconds < 100) throw new Error(`"${text}" is less than 100ms`)
  return milliseconds
}
positiveDuration.notation = 'quantity' as const

/** Reads `65536`, `16KiB`, `10MiB`; in bytes. */
export function bytes(text: string): number {
  const [, number, unit] = /^(\d+)\s?(B|KiB|MiB|GiB)?$/.exec(text) ?? []
  if (number === undefined) throw new Error(`"${text}" is not a size such as 65536, 16KiB, 10MiB`)
  return Number(number) * (UNITS_BYTES[unit ?? 'B'] ?? 1)
}
bytes.notation = 'quantity' as const

/** Reads a whole number above 0. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`"${text}" is not a whole number above 0`)
  return Number(text)
}
count.notation = 'number' as const

/** A share of something, 1 to 100. */
export function percent(text: string): number {
  const value = count(text)
  if (value > 100) throw new Error(`"${text}" is no percentage from 1 to 100`)
  return value
}
percent.notation = 'number' as const

/** Reads one of a few words. */
export function oneOf<T extends string>(...choices: readonly T[]): SettingReader<T> {
  const read = (text: string): T => {
    const choice = choices.find(candidate => candidate === text)
    if (choice === undefined) throw new Error(`"${text}" is none of ${choices.join(', ')}`)
    return choice
  }
  return Object.assign(read, { values: choices })
}

/** Reads addresses and CIDRs between commas or white space. */
export function networks(text: string): BlockList {
  const list = new BlockList()
  for (const entry of entriesOf(text)) {
    const [, net = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
    const width = family === 'ipv6' ? 128 : 32
    const bits = prefix === undefined ? width : Number(prefix)
    // `10.0.0.0/` must not be read as /0, which would trust everybody; whoever means everybody is not asked to say it.
    if (isIP(net) === 0 || bits < 1 || bits > width) {
      throw new Error(`"${entry}" is not an address or CIDR such as 10.0.0.0/8`)
    }
    list.addSubnet(net, bits, family)
  }
  return list
}
networks.notation = 'list' as const

function entriesOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(entry => entry !== '')
}

/** Reads a path. */
export function path(text: string): string {
  if (text === '') throw new Error('it must not be empty')
  return text
}
path.notation = 'path' as const

/** Reads a path, or nothing for none. */
export function optionalPath(text: string): string {
  return text
}
optionalPath.notation = 'path' as const

const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/

const UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }
