import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One case of cors-vectors.json; the file's `meta` explains every field. */
export interface Vector {
  readonly id: string
  readonly kind:
    | 'origin-match'
    | 'preflight'
    | 'actual'
    | 'header-strip'
    | 'policy-validation'
    | 'smuggling'
    | 'websocket'
  readonly title: string
  readonly policy: VectorPolicy
  /** Absent on policy-validation. */
  readonly request?: VectorRequest
  readonly upstream?: VectorUpstream
  readonly expect: Expectation
}

/** The vectors' own policy format. Values are unknown: wrong types are part of the cases. */
export interface VectorPolicy {
  readonly [field: string]: unknown
  readonly routes?: readonly (VectorPolicy & { readonly path: string })[]
  readonly none?: boolean
  readonly yaml?: string
}

export type HeaderPair = readonly [name: string, value: string]

export interface VectorRequest {
  readonly method: string | null
  readonly path: string
  readonly headers?: readonly HeaderPair[]
  readonly body?: string
  readonly raw?: string
  readonly upgrade?: boolean
  readonly concurrent?: readonly HeaderPair[]
}

export interface VectorUpstream {
  readonly status?: number
  readonly headers?: readonly HeaderPair[]
  readonly raw?: string
  readonly down?: boolean
  readonly hang?: boolean
  readonly trailers?: readonly HeaderPair[]
  readonly informational?: readonly (readonly [status: number, headers: readonly HeaderPair[]])[]
  readonly wsHeaders?: readonly HeaderPair[]
}

export type Verdict = 'ok' | 'fail'

export interface Expectation {
  readonly allowed?: boolean | null
  readonly statusClass?: string
  readonly statusOneOf?: readonly number[] | null
  readonly emptyBody?: boolean
  readonly fetch?: { readonly omit: Verdict; readonly include: Verdict }
  readonly headers?: Readonly<Record<string, HeaderExpectation>>
  readonly should?: Readonly<Record<string, HeaderExpectation>>
  readonly forwarded?: boolean | 'any' | 'decision'
  readonly consistent?: boolean
  readonly noInformationalCors?: boolean
  readonly noTrailerCors?: boolean
  readonly orPolicyError?: boolean
  readonly policyError?: { readonly field: string; readonly reason: string } | null
  readonly normalised?: Readonly<Record<string, readonly string[]>>
  readonly maxUpstreamRequests?: number
  readonly noUpstreamPath?: string
  readonly routePolicy?: string
  readonly never101?: boolean
  /** What the upstream answers the handshake with. */
  readonly upstreamStatus?: number
  readonly upstreamSees?: Readonly<Record<string, string>>
}

/** A string is the whole value; every key of an object must hold. */
export type HeaderExpectation =
  | string
  | {
      readonly absent?: true
      readonly oneOf?: readonly (string | null)[]
      readonly list?: readonly string[]
      readonly listIncludes?: readonly string[]
      readonly listIncludesCS?: readonly string[]
      readonly listOnce?: string
      readonly single?: string
      readonly lines?: readonly string[]
      readonly notContains?: string
      readonly notEquals?: string
      readonly starOrIncludes?: string
      readonly oneOfOrAny?: true
    }

interface VectorFile {
  readonly meta: {
    readonly counts: { readonly total: number; readonly byKind: Readonly<Record<string, number>> }
  }
  readonly vectors: readonly Vector[]
}

export const { meta: META, vectors: VECTORS } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'cors-vectors.json'), 'utf8'),
) as VectorFile

/** True for a CORS-preflight request (Fetch, "CORS protocol"), written as headers or as raw bytes. */
export function isPreflight(request: VectorRequest): boolean {
  if (request.raw !== undefined) {
    return (
      request.raw.startsWith('OPTIONS ') &&
      /\r\norigin:/i.test(request.raw) &&
      /\r\naccess-control-request-method:/i.test(request.raw)
    )
  }
  return (
    request.method === 'OPTIONS' &&
    sent(request, 'origin') !== undefined &&
    sent(request, 'access-control-request-method') !== undefined
  )
}

/** A request header as the other side combines its lines, in bytes (as latin-1); undefined where there is none. */
export function sent(request: VectorRequest, name: string): string | undefined {
  const values = (request.headers ?? []).filter(header => header[0].toLowerCase() === name)
  if (values.length === 0) return undefined
  return values.map(([, value]) => Buffer.from(value.replace(OWS, ''), 'utf8').toString('latin1')).join(', ')
}

const OWS = /^[ \t]+|[ \t]+$/g
