import { createServer, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import type { Evaluation, PolicyRequest } from '../policy/evaluate.js'
import { parseErrorStatus } from './request/parse-error.js'
import { evaluateRequest } from './request/request-context.js'
import { upgradeKind } from './websocket/upgrade.js'

/** How a request is run against a policy that nobody serves. */
export interface DryRunOptions {
  readonly scheme: 'http' | 'https'
  readonly maxHeaders: number
  readonly maxHeaderBytes: number
  /** Unix milliseconds. */
  readonly now: number
}

/** What the gateway would make of a request: decided, or refused by the HTTP parser with a bare status. */
export type DryRun =
  | {
      readonly facts: PolicyRequest
      readonly evaluation: Evaluation
      /** Name and value in turn, as received. */
      readonly rawHeaders: readonly string[]
      readonly unreadable: undefined
    }
  | { readonly unreadable: { readonly status: number; readonly why: string } }

/**
 * Decides one request from its bytes exactly as the gateway would: the same parser, the same faults, the same
 * policy; but nothing listens, nothing is forwarded and nothing is recorded.
 *
 * @param request an HTTP/1.1 request head; what follows it is not looked at
 */
export async function dryRun(
  policy: CompiledPolicy,
  request: string,
  options: DryRunOptions,
): Promise<DryRun> {
  const read = await readRequest(request, options.maxHeaderBytes)
  if ('status' in read) return { unreadable: read }
  const { raw, upgrade } = read
  const asked = {
    raw,
    target: raw.url ?? '',
    upgrade,
    scheme: options.scheme,
    maxHeaders: options.maxHeaders,
  }
  return {
    ...evaluateRequest(policy, asked, options.now),
    rawHeaders: raw.rawHeaders,
    unreadable: undefined,
  }
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
      connectionsCheckingInterval: 2 ** 30,
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
