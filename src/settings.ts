import type { BlockList } from 'node:net'
import { PROTECTION_SETTINGS, type ProtectionSettings } from './protection-settings.js'
import {
  type Address,
  type AuditLevel,
  address,
  addressOrOff,
  auditLevel,
  bytes,
  count,
  duration,
  hostNames,
  networks,
  oneOf,
  optionalPath,
  path,
  positiveDuration,
  type SettingReader,
  workerCount,
} from './setting-values.js'

/** Everything `serve` can be told besides the policy. Durations are milliseconds, sizes bytes. */
export interface Settings extends ProtectionSettings {
  readonly policy: string
  /** Empty: none. */
  readonly ceiling: string
  readonly listen: Address
  /** Undefined: no admin listener. */
  readonly admin: Address | undefined
  /** Names under which the admin listener may be asked, besides localhost and IP addresses. */
  readonly adminHosts: readonly string[]
  /** How often the policy's files are looked at besides being watched. */
  readonly policyPoll: number
  /** How long a policy may take to load. */
  readonly policyLoadTimeout: number
  readonly audit: AuditLevel
  readonly auditFile: string
  readonly auditFormat: 'native' | 'ecs' | 'ocsf'
  /** Equal denials within it are counted into one record; 0: every denial has its own. */
  readonly auditWindow: number
  /** Different denials that are told apart within a window. */
  readonly auditKeys: number
  readonly auditOnError: 'continue' | 'deny'
  /** Bytes of records kept in memory while the log cannot be written. */
  readonly auditBuffer: number
  readonly tracing: 'off' | 'otel'
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
  /** Processes that serve; 1: this one alone. */
  readonly workers: number
  /** How long new requests are still taken once readiness fails. */
  readonly drainDelay: number
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
  readonly read: SettingReader<T>
}

export function flagOf(spec: SettingSpec): string {
  return `--${spec.key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

export function variableOf(spec: SettingSpec): string {
  return `CROSSGATE_${spec.key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}

function row<K extends keyof Settings>(
  key: K,
  value: string,
  fallback: string | undefined,
  read: SettingReader<Settings[K]>,
  help: string,
): SettingSpec<Settings[K]> {
  return { key, value, fallback, read, help }
}

/** Every setting of `serve`, in the order `--help` and docs/settings.md list them. */
export const SETTINGS: readonly SettingSpec[] = [
  row('policy', 'PATH', undefined, path, 'policy file, or directory of *.yaml and *.yml files'),
  row('ceiling', 'FILE', '', optionalPath, 'file that bounds what the policy may open'),
  row('listen', 'HOST:PORT', '127.0.0.1:8080', address, 'where browsers reach the gateway'),
  row(
    'admin',
    'HOST:PORT',
    '127.0.0.1:9901',
    addressOrOff,
    'where probes, metrics and the console are; off turns it off',
  ),
  row(
    'adminHosts',
    'NAME,…',
    '',
    hostNames,
    'host names the admin listener answers to besides localhost and IP addresses',
  ),
  row(
    'policyPoll',
    'TIME',
    '1s',
    positiveDuration,
    'how often the policy is looked at besides being watched',
  ),
  row('policyLoadTimeout', 'TIME', '60s', positiveDuration, 'time for a policy to load; more is refused'),
  row(
    'audit',
    'LEVEL',
    'denied',
    auditLevel,
    'decisions to record: denied, all, or sample:N, one in N of the allowed',
  ),
  row('auditFile', 'PATH', '-', path, 'file for audit records; - is stdout'),
  row(
    'auditFormat',
    'FORMAT',
    'native',
    oneOf('native', 'ecs', 'ocsf'),
    'shape of the audit records: native, ecs or ocsf',
  ),
  row(
    'auditWindow',
    'TIME',
    '60s',
    duration,
    'equal denials within it are counted into one record; 0 records each',
  ),
  row(
    'auditKeys',
    'N',
    '10000',
    count,
    'different denials told apart within a window; the rest is counted by route and reason',
  ),
  row(
    'auditOnError',
    'MODE',
    'continue',
    oneOf('continue', 'deny'),
    'while audit records cannot be written: continue, or deny every request',
  ),
  row(
    'auditBuffer',
    'SIZE',
    '4MiB',
    bytes,
    'records kept in memory while they cannot be written; more are dropped and counted',
  ),
  row(
    'logLevel',
    'LEVEL',
    'info',
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    "least severe line of the gateway's own log on stderr",
  ),
  row(
    'tracing',
    'MODE',
    'off',
    oneOf('off', 'otel'),
    'off, or otel for OpenTelemetry spans by @fastify/otel, which you install',
  ),
  row('trustedProxies', 'CIDR,…', '', networks, 'peers whose X-Forwarded-For and -Proto are believed'),
  row('bodyLimit', 'SIZE', '10MiB', bytes, 'largest request body, counted as it streams'),
  row('maxHeaderBytes', 'SIZE', '16KiB', bytes, 'largest request head; more is 431'),
  row('maxHeaders', 'N', '100', count, 'most request header lines; more is 431'),
  row('maxConnections', 'N', '10000', count, 'most client connections at once'),
  row('maxRequestsPerSocket', 'N', '1000', count, 'requests after which a connection is closed'),
  row('headersTimeout', 'TIME', '10s', duration, 'time for a request head to arrive'),
  row('requestTimeout', 'TIME', '60s', duration, 'time for a whole request to arrive'),
  row('keepAliveTimeout', 'TIME', '65s', duration, 'idle time before a connection is closed'),
  ...PROTECTION_SETTINGS,
  row('workers', 'N|auto', '1', workerCount, 'processes that serve the one port; auto: one per processor'),
  row(
    'drainDelay',
    'TIME',
    '0s',
    duration,
    'time after SIGTERM in which readiness fails and requests are still taken',
  ),
  row('drainTimeout', 'TIME', '25s', duration, 'time for requests in flight after SIGTERM'),
]
