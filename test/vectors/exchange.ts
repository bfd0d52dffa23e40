import type { Test } from 'tap'
import { type RawResponse, rawClient } from '../helpers/raw-client.js'
import { ASKED } from './upstream.js'
import type { Expectation, Vector, VectorRequest } from './vector.js'

/** One request of a vector. Most vectors are one case; those about concurrency are many. */
export interface Case {
  readonly vector: Vector
  /** The vector's own host, with the gateway's port. */
  readonly host: string
  /** The Host that is sent; `''` where there is none. */
  readonly sentHost: string
  /** With `{HOST}` filled in. */
  readonly request: VectorRequest
  readonly expect: Expectation
  /** Sent as X-Request-Id; undefined for raw bytes, which are sent as they are. */
  readonly requestId: string | undefined
}

/** What a client saw. */
export interface Sight {
  /** Final answers, in order; none where the connection was closed without one. */
  readonly answers: readonly RawResponse[]
  /** 1xx other than 101. */
  readonly informational: readonly RawResponse[]
  /** Every byte received, as latin-1: heads, bodies, chunk framing and trailers. */
  readonly bytes: string
  /** Whether the connection ended in order, where that was to be expected. */
  readonly problem: string | undefined
}

/** Sends a case's exact bytes on a connection of its own and reads until the gateway closes it. */
export async function exchange(t: Test, port: number, one: Case): Promise<Sight> {
  const client = await rawClient(t, port)
  const answers: RawResponse[] = []
  const informational: RawResponse[] = []
  const received: Buffer[] = []
  client.socket.on('data', chunk => received.push(chunk))
  const sight = (problem?: string): Sight => {
    client.socket.destroy()
    const bytes = Buffer.concat(received).toString('latin1')
    return { answers: answers.filter(answer => !isProbe(answer)), informational, bytes, problem }
  }

  client.send(requestBytes(one))
  let probes = !/\r\nconnection: close/i.test(one.request.raw ?? '')
  try {
    for (;;) {
      const answer = await client.response(one.request.method ?? methodOf(one.request.raw))
      if (answer.status < 200 && answer.status !== 101) {
        informational.push(answer)
        continue
      }
      answers.push(answer)
      if (one.request.upgrade) return sight()
      if (isLast(answer)) break
      // Kept alive: a request of our own shows what else the gateway found in the bytes before it.
      if (probes) client.send(probe(one.host))
      probes = false
    }
    const more = await client.bytes(1)
    return sight(more.length > 0 ? 'more bytes behind the last answer' : undefined)
  } catch (error) {
    // Closed without an answer: legal where the bytes are no HTTP, and `statusClass` says so.
    return sight(String(error).includes('without an answer') ? undefined : `no end in time: ${error}`)
  }
}

function requestBytes({ request, host, requestId }: Case): Buffer {
  if (request.raw !== undefined) return Buffer.from(request.raw, 'latin1')
  const { method, path, headers = [], body, upgrade } = request
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `X-Request-Id: ${requestId}`,
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...(upgrade ? [] : ['Connection: close']),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, 'utf8')
}

function methodOf(raw = ''): string {
  return raw.slice(0, raw.indexOf(' '))
}

function isLast(answer: RawResponse): boolean {
  return answer.all('connection').includes('close')
}

function probe(host: string): string {
  return `GET ${PROBE} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
}

function isProbe(answer: RawResponse): boolean {
  return answer.all(ASKED).includes(PROBE)
}

/** The path of the request that only looks whether the connection is still in step. */
export const PROBE = '/r/probe'
