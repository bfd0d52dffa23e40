import { request as http } from 'node:http'
import { request as https } from 'node:https'

/** What one GET brought. */
export type Answer =
  | { readonly status: number; readonly date: string | undefined }
  | { readonly error: string; readonly code: string; readonly unknownName: boolean }

/** Sends one GET and takes no more of its answer than the head. */
export function askUrl(url: string): Promise<Answer> {
  return new Promise(done => {
    const asking = url.startsWith('https:') ? https : http
    // Whoever answers is reachable, whatever his certificate says.
    const sent = asking(
      url,
      { agent: false, timeout: TIMEOUT, rejectUnauthorized: false } as object,
      response => {
        response.resume()
        done({ status: response.statusCode ?? 0, date: response.headers.date })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`nothing in ${TIMEOUT / 1000} s`)))
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? ''
      done({ error: IN_WORDS[code] ?? error.message, code, unknownName: UNKNOWN_NAME.has(code) })
    })
    sent.end()
  })
}

/** True where somebody answered, in HTTP or not. */
export function isHeard(answer: Answer): boolean {
  return !('error' in answer) || SPEAKS.test(answer.code)
}

const TIMEOUT = 3_000
/** The other side said something that is no HTTP, or no TLS. */
const SPEAKS = /^(HPE_|EPROTO|ERR_SSL)/
const UNKNOWN_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN'])
const IN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ENOTFOUND: 'its name is not known here',
  EAI_AGAIN: 'its name cannot be looked up here',
}
