import type { HeaderLine } from './header-line.js'
import type { Probe } from './probes/probe.js'

/** What went over the wire for one probe. */
export interface Exchange {
  readonly probe: Probe
  /** As sent, the session's own headers included: never print these without `proofOf`. */
  readonly sent: { readonly method: string; readonly path: string; readonly headers: readonly HeaderLine[] }
  /** Undefined where there was no answer; then `failure` says why. */
  readonly answer: Answer | undefined
  readonly failure: string | undefined
  /** Where nothing was sent, since the address is not to be scanned. */
  readonly refused?: true
}

export interface Answer {
  /** 101 for an upgrade that was let through. */
  readonly status: number
  readonly statusText: string
  readonly headers: readonly HeaderLine[]
  /** SHA-256 of the first bytes of the body. */
  readonly bodyHash: string
}

/** The values of a header, line by line; names compare without case. */
export function linesOf(answer: Answer, name: string): readonly string[] {
  return answer.headers.filter(line => line[0].toLowerCase() === name).map(line => line[1])
}

/** The value as Fetch's "get" sees it: the lines joined by a comma and a space; undefined where there is none. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const lines = linesOf(answer, name)
  return lines.length === 0 ? undefined : lines.join(', ')
}

/** True where a browser goes on to somewhere else, and shows a page nothing of this answer. */
export function isRedirect({ answer }: { readonly answer: Answer }): boolean {
  return answer.status >= 300 && answer.status < 400
}

/** A header that is a list, its elements trimmed, empty ones left out. */
export function listOf(answer: Answer, name: string): readonly string[] {
  return (headerOf(answer, name) ?? '')
    .split(',')
    .map(element => element.trim())
    .filter(element => element !== '')
}
