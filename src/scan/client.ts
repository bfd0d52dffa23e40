import { createHash, randomBytes } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import { lookupGuarded, RefusedAddress, type Resolve } from './address-guard.js'
import type { Answer } from './exchange.js'
import type { HeaderLine } from './header-line.js'
import type { Pace } from './pace.js'
import { exchangeRaw, needsRaw } from './raw-exchange.js'
import { isPrivateAddress, type ScanTarget } from './target.js'

export interface ClientOptions {
  /** Milliseconds for a whole answer. */
  readonly timeout: number
  readonly pace: Pace
  readonly allowPrivate: boolean
  /** Where to connect for a host, instead of asking the DNS. */
  readonly resolve: Resolve
  readonly verifyTls: boolean
  readonly userAgent: string
  readonly signal: AbortSignal
}

export interface ClientRequest {
  readonly method: string
  readonly path: string
  /** As they are to be sent, duplicates and order included; Host comes by itself. */
  readonly headers: readonly HeaderLine[]
}

export type ClientResult =
  | { readonly answer: Answer }
  /** `refused`: nothing was sent, since the address is not to be scanned. */
  | { readonly failure: string; readonly refused?: true }

/**
 * Sends requests whose header bytes matter: nothing is normalised, merged or retried, no redirect is followed, no
 * cookie is kept. Of a body only the first bytes are read, and only their hash is kept.
 */
export class ScanClient {
  readonly #options: ClientOptions
  readonly #lookup: LookupFunction
  readonly #secureContext = createSecureContext()
  readonly #http: HttpAgent
  readonly #https: HttpsAgent

  constructor(options: ClientOptions) {
    this.#options = options
    this.#lookup = lookupGuarded(options)
    const pool = { keepAlive: true, lookup: this.#lookup }
    this.#http = new HttpAgent(pool)
    this.#https = new HttpsAgent({ ...pool, rejectUnauthorized: options.verifyTls })
  }

  async send(target: ScanTarget, request: ClientRequest): Promise<ClientResult> {
    const { allowPrivate, pace, signal } = this.#options
    const literal = target.host.replace(/^\[|\]$/g, '')
    if (!allowPrivate && isIP(literal) !== 0 && isPrivateAddress(literal))
      return { failure: privateAddress(literal), refused: true }
    try {
      await pace.turn(target.host, signal)
      return { answer: await this.#exchange(target, request) }
    } catch (error) {
      if (error instanceof RefusedAddress) return { failure: error.message, refused: true }
      return { failure: sentenceOf(error as NodeJS.ErrnoException) }
    }
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  // Not AbortSignal.any of AbortSignal.timeout: nothing holds the latter, and the collector takes it with its timer.
  async #exchange(target: ScanTarget, request: ClientRequest): Promise<Answer> {
    const { timeout, signal } = this.#options
    const ending = new AbortController()
    const interrupt = () => ending.abort(signal.reason)
    const timer = setTimeout(() => ending.abort(new DOMException(TOO_LATE, 'TimeoutError')), timeout)
    signal.addEventListener('abort', interrupt)
    try {
      if (signal.aborted) interrupt()
      return await this.#ask(target, request, ending.signal)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', interrupt)
    }
  }

  #ask(target: ScanTarget, { method, path, headers }: ClientRequest, signal: AbortSignal): Promise<Answer> {
    const { userAgent } = this.#options
    const secure = target.scheme === 'https'
    const host = target.port === '' ? target.host : `${target.host}:${target.port}`
    const lines: readonly HeaderLine[] = [
      ['Host', host],
      ['User-Agent', userAgent],
      ['Accept', '*/*'],
      ...headers,
    ]
    const port = target.port === '' ? (secure ? 443 : 80) : Number(target.port)
    const name = target.host.replace(/^\[|\]$/g, '')
    if (needsRaw(lines)) {
      const { verifyTls } = this.#options
      const head = [
        `${method} ${path} HTTP/1.1`,
        ...lines.map(line => line.join(': ')),
        'Connection: close',
        '',
        '',
      ]
      return exchangeRaw({
        secure,
        host: name,
        port,
        lookup: this.#lookup,
        verifyTls,
        secureContext: this.#secureContext,
        head: head.join('\r\n'),
        signal,
      })
    }
    return new Promise((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)({
        host: name,
        port,
        method,
        path,
        // A flat list is the one form that keeps two lines of a name.
        headers: lines.flat() as unknown as Record<string, string>,
        agent: secure ? this.#https : this.#http,
        maxHeaderSize: 65_536,
        signal,
      })
      sent.on('error', reject)
      sent.on('response', response => readAnswer(response).then(resolve, reject))
      sent.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(answerOf(response, ''))
      })
      sent.end()
    })
  }
}

/** The headers that ask for a WebSocket, with a key of this request's own. */
export function upgradeHeaders(): readonly HeaderLine[] {
  return [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
  ]
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
    // Leaving the loop destroys the response: an endless stream costs its first bytes only.
    if (bytes >= MAX_BODY) break
  }
  return answerOf(response, hash.digest('hex'))
}

function answerOf(
  { statusCode = 0, statusMessage = '', rawHeaders }: IncomingMessage,
  bodyHash: string,
): Answer {
  const headers: HeaderLine[] = []
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.push([rawHeaders[at] as string, rawHeaders[at + 1] as string])
  return { status: statusCode, statusText: statusMessage, headers, bodyHash }
}

function sentenceOf(error: NodeJS.ErrnoException): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    // Node's client wraps the reason; the raw one hands it on.
    const { cause = error } = error
    return cause instanceof Error && cause.name === 'TimeoutError' ? TOO_LATE : 'interrupted'
  }
  return (
    SENTENCES[error.code ?? ''] ?? `${error.message}${error.code === undefined ? '' : ` (${error.code})`}`
  )
}

function privateAddress(address: string): string {
  return `${address} is a private address: add --allow-private to scan it`
}

/** The failure of an exchange that took longer than `timeout`. */
export const TOO_LATE = 'no answer in time'

const MAX_BODY = 262_144

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate is self-signed (see --dangerously-skip-verify)',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate chain is self-signed (see --dangerously-skip-verify)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the TLS certificate is from an unknown authority (see --dangerously-skip-verify)',
  CERT_HAS_EXPIRED: 'the TLS certificate has expired (see --dangerously-skip-verify)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate is for another name (see --dangerously-skip-verify)',
}
