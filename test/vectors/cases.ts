import type { Case } from './exchange.js'
import { hostOf } from './policy-of.js'
import type { Expectation, HeaderPair, Vector, VectorRequest } from './vector.js'

/** A vector's requests. `port` is the gateway's: Host and `{HOST}` name it. */
export function casesOf(vector: Vector, port: number): Case[] {
  const host = `${hostOf(vector)}:${port}`
  const { request, expect, id } = vector
  if (request === undefined) return []
  const one = { vector, host, sentHost: host, expect, request: filled(request, host), requestId: undefined }
  if (one.request.raw !== undefined) return [{ ...one, sentHost: hostIn(one.request.raw) }]
  const [other] = request.concurrent ?? []
  if (other !== undefined) {
    const swapped = { request: withHeader(one.request, other), expect: swapOrigin(vector, other) }
    return numbered(id, CONCURRENT, index => (index % 2 === 0 ? one : { ...one, ...swapped }))
  }
  return numbered(id, id === RELOAD ? CONCURRENT / 4 : 1, () => one)
}

/** The vector about reloading the policy: it is checked that responses agree, reload itself comes later. */
export const RELOAD = 'ac-056'

function numbered(id: string, count: number, one: (index: number) => Case): Case[] {
  return Array.from({ length: count }, (_, index) => ({ ...one(index), requestId: `${id}.${index}` }))
}

function hostIn(raw: string): string {
  return /\r\nHost: ([^\r]*)/.exec(raw)?.[1] ?? ''
}

function filled(request: VectorRequest, host: string): VectorRequest {
  return JSON.parse(JSON.stringify(request).replaceAll('{HOST}', host)) as VectorRequest
}

function withHeader(request: VectorRequest, [name, value]: HeaderPair): VectorRequest {
  const headers = (request.headers ?? []).map(header => (header[0] === name ? [name, value] : header))
  return { ...request, headers: headers as HeaderPair[] }
}

// The concurrent request is allowed as the first is; only the origin that it must be told is its own.
function swapOrigin({ request, expect }: Vector, [name, value]: HeaderPair): Expectation {
  const mine = request?.headers?.find(header => header[0] === name)?.[1] ?? ''
  return JSON.parse(JSON.stringify(expect).replaceAll(mine, value)) as Expectation
}

const CONCURRENT = 200
