import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import { isToken } from '../syntax/token.js'
import type { Answer } from './exchange.js'
import type { HeaderLine } from './header-line.js'

export interface RawRequest {
  readonly secure: boolean
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly lookup: LookupFunction
  readonly verifyTls: boolean
  /** Made once for all: the system's certificate authorities are many. */
  readonly secureContext: SecureContext
  /** The request's head as it goes out, byte for byte (latin1), its empty line included. */
  readonly head: string
  readonly signal: AbortSignal
}

/** True where Node's own client would refuse to send these lines: control bytes, a folded line, a space in a name. */
export function needsRaw(lines: readonly HeaderLine[]): boolean {
  return lines.some(([name, value]) => !isToken(name) || CONTROL.test(value))
}

/**
 * Sends what no client library would, on a connection of its own, and reads the head of the answer as it stands: the
 * body is left, and the connection closed. Rejects as the socket does, and where the answer is no HTTP/1.
 */
export function exchangeRaw(request: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = open(request)
    let received = ''
    let informational = 0
    const end = (settle: () => void): void => {
      request.signal.removeEventListener('abort', abort)
      socket.destroy()
      settle()
    }
    const abort = (): void => end(() => reject(request.signal.reason as Error))
    if (request.signal.aborted) return abort()
    request.signal.addEventListener('abort', abort)
    socket.setEncoding('latin1')
    socket.on('error', error => end(() => reject(error)))
    socket.on('data', chunk => {
      received += chunk
      for (;;) {
        const at = received.search(/\r?\n\r?\n/)
        if (at < 0 && received.length < MAX_HEAD) return
        const answer = readHead(received.slice(0, at < 0 ? MAX_HEAD : at))
        if (answer === undefined || !isInformational(answer) || at < 0)
          return end(() =>
            answer === undefined ? reject(new Error('the answer is no HTTP/1')) : resolve(answer),
          )
        if (++informational > MAX_INFORMATIONAL)
          return end(() => reject(new Error(`more than ${MAX_INFORMATIONAL} informational answers`)))
        received = received.slice(at).replace(/^\r?\n\r?\n/, '')
      }
    })
    socket.on('close', () => end(() => reject(new Error('closed without an answer'))))
    socket.write(request.head, 'latin1')
  })
}

function open({ secure, host, port, lookup, verifyTls, secureContext }: RawRequest): Socket {
  if (!secure) return connectPlain({ host, port, lookup })
  return connectTls({
    host,
    port,
    lookup,
    rejectUnauthorized: verifyTls,
    secureContext,
    ...(/[a-z]/i.test(host) && !host.includes(':') && { servername: host }),
  })
}

/** What the server says on its way (RFC 9110, section 15.2) is not the answer. */
function isInformational({ status }: Answer): boolean {
  return status < 200 && status !== 101
}

function readHead(text: string): Answer | undefined {
  const [first = '', ...lines] = text.split(/\r?\n/)
  const [, status, statusText = ''] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first) ?? []
  if (status === undefined) return undefined
  const headers = lines.flatMap((line): readonly HeaderLine[] => {
    const colon = line.indexOf(':')
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]]
  })
  return { status: Number(status), statusText, headers, bodyHash: '' }
}

const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/
const MAX_HEAD = 65_536
/** An endless row of them would be read until the time is up. */
const MAX_INFORMATIONAL = 32
