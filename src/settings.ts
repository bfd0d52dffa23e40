import type { BlockList } from 'node:net'
import { PROTECTION_SETTINGS, type ProtectionSettings } from './protection-settings.js'
import { type Address, address, bytes, count, duration, networks, nonEmpty, oneOf } from './setting-values.js'

/** Everything `serve` can be told besides the policy. Durations are milliseconds, sizes bytes. */
export interface Settings extends ProtectionSettings {
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
  ...PROTECTION_SETTINGS,
  {
    key: 'drainTimeout',
    value: 'TIME',
    fallback: '25s',
    read: duration,
    help: 'time for requests in flight after SIGTERM',
  },
]
