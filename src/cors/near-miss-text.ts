import type { NearMiss, NearMissKind } from './near-miss.js'

/** `the same host with another scheme is allowed: https://www.shop.example`. */
export function missText({ kind, entry }: NearMiss): string {
  return `${MISSES[kind]}: ${entry}`
}

/** True for the name of a near miss, as it is read from a record. */
export function isNearMissKind(name: string): name is NearMissKind {
  return Object.hasOwn(MISSES, name)
}

const MISSES: Readonly<Record<NearMissKind, string>> = {
  'other-scheme': 'the same host with another scheme is allowed',
  'other-port': 'the same host on another port is allowed',
  'missing-www': 'the same host with www. is allowed',
  'extra-www': 'the same host without www. is allowed',
  'upper-case': 'the same origin in lower case is allowed',
  'trailing-slash': 'the same origin without the slash is allowed',
  'trailing-dot': 'the same origin without the dot is allowed',
  'default-port': 'the same origin without its default port is allowed',
  'apex-of-wildcard': 'the names below it are allowed, and it is not one of them',
  'other-route': 'it is allowed on another route',
}
