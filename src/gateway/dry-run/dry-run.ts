import { createServer, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import type { PolicyRequest } from '../../policy/evaluate.js'
import { type PageRequest, pageHeaders } from '../../policy/explain/browser-view.js'
import { type Explanation, explain } from '../../policy/explain/explain.js'
import type { Settings } from '../../settings.js'
import { parseErrorStatus } from '../request/parse-error.js'
import { evaluateRequest } from '../request/request-context.js'
import { upgradeKind } from '../websocket/upgrade.js'
import type { RequestHead } from './request-head.js'

/** The limits that a gateway puts on a request head. */
export type HeadLimits = Pick<Settings, 'maxHeaders' | 'maxHeaderBytes'>

/** What the gateway would make of a request: decided, or refused by the HTTP parser with a bare status. */
export type DryRun =
  | { readonly explanation: Explanation; readonly unreadable: undefined }
  | { readonly unreadable: { readonly status: number; readonly why: string } }

/**
 * Decides one request from its bytes exactly as the gateway would, and explains it: the same parser, the same faults,
 * the same policy; but nothing listens, nothing is forwarded and nothing is recorded. `explain`, `test` and the console
 * all ask here.
 *
 * @param head what follows the head of an HTTP/1.1 request is not looked at
 * @param now Unix milliseconds
 */
export async function dryRun(
  policy: CompiledPolicy,
  { bytes, scheme, page }: Pick<RequestHead, 'bytes' | 'scheme' | 'page'>,
  { maxHeaders, maxHeaderBytes }: HeadLimits,
  now: number,
): Promise<DryRun> {
  const read = await readRequest(bytes, maxHeaderBytes)
  if ('status' in read) return { unreadable: read }
  const { raw, upgrade } = read
  const asked = { raw, target: raw.url ?? '', upgrade, scheme, maxHeaders }
  const { facts, evaluation } = evaluateRequest(policy, asked, now)
  return {
    explanation: explain(policy, facts, evaluation, page ?? pageRequest(facts, raw.rawHeaders), now),
    unreadable: undefined,
  }
}

// Behind a preflight stands the request that it announces.
function pageRequest(facts: PolicyRequest, rawHeaders: readonly string[]): PageRequest {
  if (facts.method !== 'OPTIONS' || facts.requestMethod === undefined) {
    return { method: facts.method, headers: pageHeaders(rawHeaders) }
  }
  const names = (facts.requestHeaders ?? '').split(',').map(name => name.trim())
  return { method: facts.requestMethod, headers: names.filter(Boolean).map(name => [name, ''] as const) }
}

type ReadRequest =
  | { readonly raw: IncomingMessage; readonly upgrade: 'websocket' | 'other' | undefined }
  | { readonly status: number; readonly why: string }

// Node's own server on a pipe that leads nowhere: whatever it refuses, joins or drops, the gateway's does too.
function readRequest(bytes: string, maxHeaderSize: number): Promise<ReadRequest> {
  return new Promise(resolve => {
    const server = createServer({
      maxHeaderSize,
      insecureHTTPParser: false,
    })
    server.maxHeadersCount = 0
    const pipe = new Duplex({
      read() {},
      // The one thing that it answers by itself.
      write(chunk, _encoding, done) {
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(String(chunk))?.[1])
        if (status >= 200) resolve({ status, why: 'it has no Host header' })
        done()
      },
    })
    const take = (raw: IncomingMessage) => resolve({ raw, upgrade: undefined })
    for (const event of ['request', 'connect', 'checkContinue', 'checkExpectation']) server.on(event, take)
    server.on('upgrade', raw => resolve({ raw, upgrade: upgradeKind(raw) }))
    server.on('clientError', (error: NodeJS.ErrnoException & { reason?: string }) => {
      resolve({ status: parseErrorStatus(error)[0], why: error.reason ?? error.message })
    })
    server.emit('connection', pipe)
    // It would wait for more than blank lines without an answer.
    pipe.on('close', () => resolve({ status: 400, why: 'there is no request in it' }))
    pipe.push(Buffer.from(bytes, 'latin1'))
    pipe.push(null)
  })
}
