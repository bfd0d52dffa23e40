import { BlockList, isIP } from 'node:net'

/** Everything `serve` can be told besides the policy. Durations are milliseconds, sizes bytes. */
export interface Settings {
  readonly policy: string
  /** Empty: none. */
  readonly ceiling: string
  readonly listen: Address
  readonly audit: 'denied' | 'all'
  readonly auditFile: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly trustedProxies: BlockList
  readonly bodyLimit: number
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
  readonly maxConnections: number
  readonly maxRequestsPerSocket: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  readonly drainTimeout: number
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** One setting: its name in each place, its default as it is shown, and how its text is read. */
export interface SettingSpec<T = unknown> {
  /** The settings file's key; the flag is its kebab case, the variable CROSSGATE_ and its upper snake case. */
  readonly key: keyof Settings
  /** What `--help` shows for the value. */
  readonly value: string
  readonly help: string
  /** Undefined: required. */
  readonly fallback: string | undefined
  /** @throws Error with one sentence that says what would be right. */
  read(text: string): T
}

export type SettingsResult = { readonly settings: Settings } | { readonly errors: readonly string[] }

/** Where a setting's text comes from, first wins: flags, environment, settings file, default. */
export interface SettingSources {
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file: ReadonlyMap<string, string>
}

/** Reads every setting and says everything that is wrong with them at once. */
export function readSettings(sources: SettingSources): SettingsResult {
  const errors: string[] = []
  const values: Record<string, unknown> = {}
  for (const key of sources.file.keys()) {
    if (!SETTINGS.some(spec => spec.key === key)) errors.push(`settings file: unknown key "${key}"`)
  }
  for (const spec of SETTINGS) {
    const given = givenText(spec, sources)
    try {
      if (given.text === undefined) throw new Error('it is required')
      values[spec.key] = spec.read(given.text)
    } catch (error) {
      errors.push(`${given.source}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return errors.length > 0 ? { errors } : { settings: values as unknown as Settings }
}

export function flagOf(spec: SettingSpec): string {
  return `--${spec.key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

export function variableOf(spec: SettingSpec): string {
  return `CROSSGATE_${spec.key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}

function givenText(
  spec: SettingSpec,
  { flags, env, file }: SettingSources,
): { source: string; text: string | undefined } {
  const flag = flags[spec.key]
  if (flag !== undefined) return { source: flagOf(spec), text: flag }
  const variable = env[variableOf(spec)]
  if (variable !== undefined) return { source: variableOf(spec), text: variable }
  const key = file.get(spec.key)
  if (key !== undefined) return { source: `settings file: ${spec.key}`, text: key }
  return { source: flagOf(spec), text: spec.fallback }
}

function address(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65535) throw new Error(`"${text}" is not HOST:PORT`)
  return { host: bracketed || plain || '0.0.0.0', port: Number(port) }
}

function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  if (number === undefined) throw new Error(`"${text}" is not a duration such as 500ms, 30s, 5m`)
  return Math.round(Number(number) * (UNITS_MS[unit ?? 's'] ?? 1000))
}

function bytes(text: string): number {
  const [, number, unit] = /^(\d+)\s?(B|KiB|MiB|GiB)?$/.exec(text) ?? []
  if (number === undefined) throw new Error(`"${text}" is not a size such as 65536, 16KiB, 10MiB`)
  return Number(number) * (UNITS_BYTES[unit ?? 'B'] ?? 1)
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`"${text}" is not a whole number above 0`)
  return Number(text)
}

function oneOf<T extends string>(...choices: readonly T[]): (text: string) => T {
  return text => {
    const choice = choices.find(candidate => candidate === text)
    if (choice === undefined) throw new Error(`"${text}" is none of ${choices.join(', ')}`)
    return choice
  }
}

function networks(text: string): BlockList {
  const list = new BlockList()
  for (const entry of text.split(/[\s,]+/).filter(part => part !== '')) {
    const [net = '', prefix] = entry.split('/')
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
    const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix)
    if (isIP(net) === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv6' ? 128 : 32)) {
      throw new Error(`"${entry}" is not an address or CIDR such as 10.0.0.0/8`)
    }
    list.addSubnet(net, bits, family)
  }
  return list
}

function nonEmpty(text: string): string {
  if (text === '') throw new Error('it must not be empty')
  return text
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** Every setting of `serve`, in the order `--help` and docs/settings.md list them. */
export const SETTINGS: readonly SettingSpec[] = [
  {
    key: 'policy',
    value: 'PATH',
    fallback: undefined,
    read: nonEmpty,
    help: 'policy file, or directory of *.yaml files',
  },
  {
    key: 'ceiling',
    value: 'FILE',
    fallback: '',
    read: text => text,
    help: 'file that bounds what the policy may open',
  },
  {
    key: 'listen',
    value: 'HOST:PORT',
    fallback: '127.0.0.1:8080',
    read: address,
    help: 'where browsers reach the gateway',
  },
  {
    key: 'audit',
    value: 'LEVEL',
    fallback: 'denied',
    read: oneOf('denied', 'all'),
    help: 'decisions to record: denied or all',
  },
  {
    key: 'auditFile',
    value: 'PATH',
    fallback: '-',
    read: nonEmpty,
    help: 'file for audit records; - is stdout',
  },
  {
    key: 'logLevel',
    value: 'LEVEL',
    fallback: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    help: "least severe line of the gateway's own log on stderr",
  },
  {
    key: 'trustedProxies',
    value: 'CIDR,…',
    fallback: '',
    read: networks,
    help: 'peers whose X-Forwarded-For and -Proto are believed',
  },
  {
    key: 'bodyLimit',
    value: 'SIZE',
    fallback: '10MiB',
    read: bytes,
    help: 'largest request body, counted as it streams',
  },
  {
    key: 'maxHeaderBytes',
    value: 'SIZE',
    fallback: '16KiB',
    read: bytes,
    help: 'largest request head; more is 431',
  },
  {
    key: 'maxHeaders',
    value: 'N',
    fallback: '100',
    read: count,
    help: 'most request header lines; more is 431',
  },
  {
    key: 'maxConnections',
    value: 'N',
    fallback: '10000',
    read: count,
    help: 'most client connections at once',
  },
  {
    key: 'maxRequestsPerSocket',
    value: 'N',
    fallback: '1000',
    read: count,
    help: 'requests after which a connection is closed',
  },
  {
    key: 'headersTimeout',
    value: 'TIME',
    fallback: '10s',
    read: duration,
    help: 'time for a request head to arrive',
  },
  {
    key: 'requestTimeout',
    value: 'TIME',
    fallback: '60s',
    read: duration,
    help: 'time for a whole request to arrive',
  },
  {
    key: 'keepAliveTimeout',
    value: 'TIME',
    fallback: '65s',
    read: duration,
    help: 'idle time before a connection is closed',
  },
  {
    key: 'drainTimeout',
    value: 'TIME',
    fallback: '25s',
    read: duration,
    help: 'time for requests in flight after SIGTERM',
  },
]
