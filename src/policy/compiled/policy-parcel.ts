import type { OriginIndex } from '../../cors/origins/origin-index.js'
import { TextIndex } from '../../cors/origins/text-index.js'
import type { Position } from '../problems/problem.js'
import {
  OriginEntries,
  type OriginNotes,
  OriginTable,
  type OriginTableData,
} from '../resolved/origin-table.js'
import type {
  ResolvedOriginSet,
  ResolvedPolicy,
  ResolvedRoute,
  ResolvedRule,
  ResolvedUpstream,
} from '../resolved/resolved-policy.js'
import { assemblePolicy, compileRoute, SharedParts } from './compile.js'
import type { CompiledPolicy, CompiledRoute } from './compiled-policy.js'

/**
 * A policy on its way from one thread to another, in pieces that can be cloned: what is large is in buffers, and of the
 * rest a piece holds so little that whoever unpacks it between two requests keeps none of them waiting.
 */
export type PolicyPiece =
  | {
      readonly kind: 'head'
      readonly revision: string
      readonly origins: OriginTableData
      readonly upstreams: ReadonlyMap<string, ResolvedUpstream>
      readonly publicOrigins: readonly string[]
    }
  | { readonly kind: 'notes'; readonly notes: readonly (readonly [number, OriginNotes])[] }
  | { readonly kind: 'sets'; readonly sets: readonly PackedSet[] }
  | { readonly kind: 'routes'; readonly routes: readonly PackedRoute[] }
  | { readonly kind: 'end' }

/** @param tables false: without the lookup tables, which the other thread then builds */
export function* packPolicy(
  { revision, routes, originSets, resolved }: CompiledPolicy,
  tables = true,
): Iterable<PolicyPiece> {
  const { origins, upstreams, publicOrigins } = resolved
  const indexes = new Map(tables ? originSets.map(({ entries, index }) => [entries, index]) : [])
  const packSet = ({ name, entries, position }: ResolvedOriginSet): PackedSet => {
    const { first, length, file } = entries
    return { name, first, length, file, position, index: packIndex(indexes.get(entries)) }
  }
  yield { kind: 'head', revision, origins: origins.data, upstreams, publicOrigins }
  for (const notes of inPieces(origins.notes)) yield { kind: 'notes', notes }
  for (const sets of inPieces(resolved.originSets.values())) yield { kind: 'sets', sets: sets.map(packSet) }
  // Only what was resolved: compiling a route again is quicker than carrying it.
  const packRoute = ({ corsPolicy: _, upstream, cors, ...route }: CompiledRoute): PackedRoute => ({
    ...route,
    upstream: upstream.name,
    cors: cors.map(rule => ({ ...rule, origins: rule.origins.map(set => set.name ?? packSet(set)) })),
  })
  for (const piece of inPieces(routes, ({ cors }) => 1 + cors.length)) {
    yield { kind: 'routes', routes: piece.map(packRoute) }
  }
  yield { kind: 'end' }
}

/** The buffers of a piece, to be handed over: the policy that was packed is of no use any more. */
export function buffersOf(piece: PolicyPiece): readonly ArrayBufferLike[] {
  switch (piece.kind) {
    case 'head': {
      const { texts, places, ends } = piece.origins
      return [texts.bytes, texts.starts, places, ...(ends ? [ends] : [])].map(({ buffer }) => buffer)
    }
    case 'sets':
      return piece.sets.flatMap(setBuffers)
    case 'routes':
      return piece.routes
        .flatMap(({ cors }) => cors.flatMap(({ origins }) => origins))
        .flatMap(set => (typeof set === 'string' ? [] : setBuffers(set)))
    default:
      return []
  }
}

function setBuffers({ index }: PackedSet): readonly ArrayBufferLike[] {
  if (index === undefined) return []
  const wildcard = [...index.wildcard.values()].flatMap(ports => [...ports.values()])
  return [index.exact, index.hosts, ...wildcard].map(({ buffer }) => buffer)
}

/** Puts the pieces together again, as they come. */
export class PolicyUnpacker {
  #head: (PolicyPiece & { kind: 'head' }) | undefined
  #table = new OriginTable()
  readonly #named = new Map<string, ResolvedOriginSet>()
  readonly #parts = new SharedParts()
  readonly #routes: CompiledRoute[] = []

  /** @returns the policy, once the last piece is there */
  add(piece: PolicyPiece): CompiledPolicy | undefined {
    switch (piece.kind) {
      case 'head':
        this.#head = piece
        this.#table = new OriginTable(piece.origins)
        return undefined
      case 'notes':
        for (const [number, notes] of piece.notes) this.#table.notes.set(number, notes)
        return undefined
      case 'sets':
        for (const packed of piece.sets) this.#named.set(packed.name as string, this.#unpackSet(packed))
        return undefined
      case 'routes':
        for (const route of piece.routes)
          this.#routes.push(compileRoute(this.#unpackRoute(route), this.#parts))
        return undefined
      case 'end':
        return this.#finish()
    }
  }

  #finish(): CompiledPolicy {
    const { revision, upstreams, publicOrigins } = this.#headOf()
    const resolved: ResolvedPolicy = {
      upstreams,
      originSets: this.#named,
      origins: this.#table,
      routes: this.#routes,
      publicOrigins,
    }
    return assemblePolicy(resolved, this.#routes, this.#parts, revision)
  }

  #unpackRoute({ upstream, cors, ...route }: PackedRoute): ResolvedRoute {
    return {
      ...route,
      upstream: this.#headOf().upstreams.get(upstream) as ResolvedUpstream,
      cors: cors.map(rule => ({ ...rule, origins: rule.origins.map(set => this.#setOf(set)) })),
    }
  }

  #setOf(set: string | PackedSet): ResolvedOriginSet {
    return typeof set === 'string' ? (this.#named.get(set) as ResolvedOriginSet) : this.#unpackSet(set)
  }

  #unpackSet({ name, first, length, file, position, index }: PackedSet): ResolvedOriginSet {
    const entries = new OriginEntries(this.#table, first, file, length)
    const set = { name, entries, position }
    if (index !== undefined) this.#parts.offer(set, unpackIndex(index, this.#table.texts.bytes))
    return set
  }

  #headOf(): PolicyPiece & { kind: 'head' } {
    if (this.#head === undefined) throw new Error('a policy begins with its head')
    return this.#head
  }
}

interface PackedSet {
  readonly name: string | undefined
  readonly first: number
  readonly length: number
  readonly file: string
  readonly position: Position
  /** Undefined where no rule names the set, or where tables are left out. */
  readonly index: PackedIndex | undefined
}

interface PackedIndex {
  readonly exact: Int32Array
  readonly hosts: Int32Array
  readonly wildcard: ReadonlyMap<string, ReadonlyMap<string, Int32Array>>
}

interface PackedRoute extends Omit<ResolvedRoute, 'upstream' | 'cors'> {
  readonly upstream: string
  readonly cors: readonly PackedRule[]
}

interface PackedRule extends Omit<ResolvedRule, 'origins'> {
  /** Named sets by name. */
  readonly origins: readonly (string | PackedSet)[]
}

function packIndex(index: OriginIndex | undefined): PackedIndex | undefined {
  if (index === undefined) return undefined
  const { exact, hosts, wildcard } = index
  return { exact: exact.slots, hosts: hosts.slots, wildcard: mapPorts(wildcard, table => table.slots) }
}

function unpackIndex({ exact, hosts, wildcard }: PackedIndex, bytes: Uint8Array): OriginIndex {
  return {
    exact: new TextIndex(bytes, exact),
    hosts: new TextIndex(bytes, hosts),
    wildcard: mapPorts(wildcard, slots => new TextIndex(bytes, slots)),
  }
}

function mapPorts<A, B>(
  schemes: ReadonlyMap<string, ReadonlyMap<string, A>>,
  change: (value: A) => B,
): ReadonlyMap<string, ReadonlyMap<string, B>> {
  return new Map(
    Array.from(schemes, ([scheme, ports]) => [
      scheme,
      new Map(Array.from(ports, ([port, value]) => [port, change(value)])),
    ]),
  )
}

function* inPieces<T>(items: Iterable<T>, weightOf: (item: T) => number = () => 1): Iterable<T[]> {
  let piece: T[] = []
  let weight = 0
  for (const item of items) {
    piece.push(item)
    weight += weightOf(item)
    if (weight < PIECE) continue
    yield piece
    piece = []
    weight = 0
  }
  if (piece.length > 0) yield piece
}

/** So many sets, notes, routes and rules: one or two milliseconds. */
const PIECE = 50
