import { duration, optionalPath, percent, positiveDuration } from './setting-values.js'

/** What the gateway is told about its own protection: the listener's TLS, clients that don't read, WebSockets, and when to shed load. */
export interface ProtectionSettings {
  /** PEM files of the listener; both or neither. Empty: plain http. */
  readonly tlsCert: string
  readonly tlsKey: string
  /** How long a client may take nothing of what waits for it. */
  readonly sendTimeout: number
  readonly webSocketIdleTimeout: number
  readonly webSocketLifetime: number
  readonly maxEventLoopDelay: number
  readonly maxHeapPercent: number
}

/** Rows of `SETTINGS`. */
export const PROTECTION_SETTINGS = [
  {
    key: 'tlsCert',
    value: 'FILE',
    fallback: '',
    read: optionalPath,
    help: 'PEM certificate chain of the listener; with --tls-key it speaks https',
  },
  {
    key: 'tlsKey',
    value: 'FILE',
    fallback: '',
    read: optionalPath,
    help: 'PEM key of --tls-cert',
  },
  {
    key: 'sendTimeout',
    value: 'TIME',
    fallback: '60s',
    read: positiveDuration,
    help: 'a client that takes nothing of its answer for so long is cut',
  },
  {
    key: 'webSocketIdleTimeout',
    value: 'TIME',
    fallback: '10m',
    read: duration,
    help: 'a WebSocket without a byte for so long is closed',
  },
  {
    key: 'webSocketLifetime',
    value: 'TIME',
    fallback: '24h',
    read: duration,
    help: 'a WebSocket is closed after so long',
  },
  {
    key: 'maxEventLoopDelay',
    value: 'TIME',
    fallback: '1s',
    // None at all would refuse everything.
    read: positiveDuration,
    help: 'new requests get 503 while the process is later than this',
  },
  {
    key: 'maxHeapPercent',
    value: 'N',
    fallback: '90',
    read: percent,
    help: 'new requests get 503 while the heap is fuller than this',
  },
] as const
