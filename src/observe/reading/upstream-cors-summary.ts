import type { UpstreamGrants } from '../../cors/upstream-grants.js'
import type { DriftSummary } from './audit-totals.js'
import type { AuditLine } from './read-records.js'
import { number, text, texts } from './record-fields.js'

/** Adds up what upstreams say about CORS: for people by upstream and names, for whoever writes rules by route. */
export class UpstreamCorsSummary {
  readonly #drift = new Map<string, Drift>()
  readonly #grants = new Map<string, MutableGrants>()

  /** @param record a line of `upstream.cors_stripped` */
  add(record: AuditLine, time: string, first: string): void {
    this.#addDrift(record, time, first)
    this.#addGrants(record)
  }

  /** By count, most first. */
  drift(): readonly DriftSummary[] {
    return [...this.#drift.values()]
      .map(({ origins, ...row }) => ({ ...row, allowOrigins: origins.size }))
      .sort((a, b) => b.count - a.count)
  }

  grants(): ReadonlyMap<string, UpstreamGrants> {
    return this.#grants
  }

  #addDrift(record: AuditLine, time: string, first: string): void {
    const upstream = text(record['upstream']) ?? '?'
    const headers = texts(record['headers'])
    const enforced = record['enforced'] !== false
    const key = [upstream, enforced, ...headers].join('\u0000')
    let row = this.#drift.get(key)
    if (row === undefined) {
      if (this.#drift.size >= MAX_DRIFT) return
      row = {
        upstream,
        headers,
        enforced,
        allowOrigin: undefined,
        count: 0,
        firstSeen: first,
        lastSeen: '',
        origins: new Set(),
      }
      this.#drift.set(key, row)
    }
    row.count += number(record['count']) ?? 1
    const allowOrigin = text(record['allowOrigin'])
    if (allowOrigin !== undefined && row.origins.size < MAX_DRIFT_ORIGINS) row.origins.add(allowOrigin)
    if (first < row.firstSeen) row.firstSeen = first
    if (time < row.lastSeen) return
    row.lastSeen = time
    row.allowOrigin = allowOrigin ?? row.allowOrigin
  }

  #addGrants(record: AuditLine): void {
    const route = text(record['route'])
    if (route === undefined) return
    let grants = this.#grants.get(route)
    if (grants === undefined) {
      if (this.#grants.size >= MAX_ROUTES) return
      grants = { allowedOrigins: new Set(), credentialsTo: new Set(), exposed: new Set() }
      this.#grants.set(route, grants)
    }
    const { allowedOrigins, credentialsTo, exposed } = grants
    const origin = text(record['allowOrigin'])
    if (origin !== undefined && allowedOrigins.size < MAX_ORIGINS) {
      allowedOrigins.add(origin)
      if (record['allowCredentials'] === true) credentialsTo.add(origin)
    }
    for (const name of (text(record['exposeHeaders']) ?? '').split(',')) {
      if (name.trim() !== '' && exposed.size < MAX_NAMES) exposed.add(name.trim().toLowerCase())
    }
  }
}

interface Drift extends Omit<DriftSummary, 'allowOrigins'> {
  readonly origins: Set<string>
}

interface MutableGrants {
  readonly allowedOrigins: Set<string>
  readonly credentialsTo: Set<string>
  readonly exposed: Set<string>
}

const MAX_DRIFT = 1_000
const MAX_DRIFT_ORIGINS = 1_000
const MAX_ROUTES = 10_000
const MAX_ORIGINS = 20_000
const MAX_NAMES = 64
