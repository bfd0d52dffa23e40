import { MAX_ORIGIN_BYTES } from './origin.js'
import type { OriginList } from './origin-list.js'
import { type TextIndex, TextIndexBuilder } from './text-index.js'

/** The tables over an allowlist; each gives the index of an entry. */
export interface OriginIndex {
  /** By the whole origin, `null` included. */
  readonly exact: TextIndex
  /** By scheme, then by port (`*` for any), then by the host below which (`.host`) or at which (`host`) the entry holds. */
  readonly wildcard: ReadonlyMap<string, ReadonlyMap<string, TextIndex>>
  /** By host alone, whatever its scheme and port. */
  readonly hosts: TextIndex
}

/** Builds the tables from the packed bytes of valid entries, without making one object per entry. */
export function buildOriginIndex({ texts, first, length, ends }: OriginList): OriginIndex {
  const { bytes } = texts
  // Where the same text stands twice, it holds as long as one of the two does.
  const isBetter = (present: number, other: number): boolean =>
    ends !== undefined && (ends[first + present] as number) < (ends[first + other] as number)
  const exact = new TextIndexBuilder(bytes, length, isBetter)
  const hosts = new TextIndexBuilder(bytes, length, isBetter)
  const wildcard = new Map<string, Map<string, number[]>>()

  for (let index = 0; index < length; index++) {
    const start = texts.startOf(first + index)
    const end = texts.endOf(first + index)
    const colon = bytes.subarray(start, end).indexOf(COLON)
    if (colon === -1) {
      // `*` is no origin that could be asked for; the rule says it.
      if (bytes[start] !== STAR) exact.add(start, end, index)
      continue
    }
    const host = start + colon + 3
    const hostEnd = endOfHost(bytes, host, end)
    const below = bytes[host] === STAR
    hosts.add(below ? host + 2 : host, hostEnd, index)
    if (below || bytes[end - 1] === STAR) {
      const text = texts.text(first + index)
      const keys = keysOf(text.slice(0, colon), text.slice(hostEnd + 1 - start))
      keys.push(below ? host + 1 : host, hostEnd, index)
    } else if (end - start <= MAX_ORIGIN_BYTES) {
      // A longer header is malformed, whatever the list says.
      exact.add(start, end, index)
    }
  }
  return {
    exact: exact.build(),
    hosts: hosts.build(),
    wildcard: new Map(
      Array.from(wildcard, ([scheme, ports]) => [
        scheme,
        new Map(Array.from(ports, ([port, keys]) => [port, indexOf(keys)])),
      ]),
    ),
  }

  function keysOf(scheme: string, port: string): number[] {
    const ports = wildcard.get(scheme) ?? new Map<string, number[]>()
    wildcard.set(scheme, ports)
    const keys = ports.get(port) ?? []
    ports.set(port, keys)
    return keys
  }

  function indexOf(keys: readonly number[]): TextIndex {
    const builder = new TextIndexBuilder(bytes, keys.length / 3, isBetter)
    for (let at = 0; at < keys.length; at += 3) {
      builder.add(keys[at] as number, keys[at + 1] as number, keys[at + 2] as number)
    }
    return builder.build()
  }
}

function endOfHost(bytes: Uint8Array, host: number, end: number): number {
  let at = host
  // The colons of an IPv6 address stand in brackets.
  if (bytes[at] === BRACKET) while (bytes[at] !== CLOSE) at++
  while (at < end && bytes[at] !== COLON) at++
  return at
}

const COLON = 0x3a
const STAR = 0x2a
const BRACKET = 0x5b
const CLOSE = 0x5d
