import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { REASONS, type Reason } from '../../cors/reason.js'
import { mergeVary } from '../../cors/vary.js'
import { endWith } from '../exchange/end-with.js'
import { hasBody } from '../exchange/framing.js'
import { discardBody } from '../exchange/request-body.js'
import { connectionOf } from '../listener/client-connection.js'
import { FAILURES, type Failure } from '../upstream/failure.js'
import type { RequestContext } from './request-context.js'

/** Answers a decided request here: a preflight with 204, a refusal with a problem. Records it first. */
export function answerDecision(context: RequestContext, response: ServerResponse): void {
  const { decision } = context.evaluation
  context.record(decision.status)
  if (decision.reason === 'request-malformed') endConnection(context.raw.socket, response)
  else if (hasBody(context.raw)) discardBody(context.raw)
  if (decision.action === 'answer') {
    response.writeHead(decision.status, corsHeaders(context)).end()
    return
  }
  const { title } = REASONS[decision.reason]
  const headers = HEADERS_OF[decision.reason] ?? []
  writeProblem(context, response, { status: decision.status, title, reason: decision.reason, headers })
}

/** Answers for an upstream that did not, with the CORS headers of a success, so that the page can read it. */
export function answerFailure(context: RequestContext, response: ServerResponse, failure: Failure): void {
  const { status, title, headers } = FAILURES[failure]
  context.record(status)
  writeProblem(context, response, { status, title, reason: failure, headers })
}

// RFC 9112 section 6.3: the server closes, or the body of this request would be read as the next one. What Node has
// already parsed behind it is dropped.
function endConnection(socket: Socket, response: ServerResponse): void {
  connectionOf(socket).endHere()
  response.shouldKeepAlive = false
}

interface ProblemFacts {
  readonly status: number
  readonly title: string
  readonly reason: string
  readonly headers: readonly string[]
}

function writeProblem(context: RequestContext, response: ServerResponse, facts: ProblemFacts): void {
  const body = problemOf(facts, context.requestId)
  const headers = corsHeaders(context)
  headers.push(...facts.headers, 'Content-Type', 'application/problem+json')
  headers.push('Content-Length', String(body.length), 'Cache-Control', 'no-store')
  headers.push('X-Content-Type-Options', 'nosniff')
  response.writeHead(facts.status, headers)
  if (context.raw.method === 'HEAD') response.end()
  else endWith(response, body)
}

// RFC 9457. What was allowed instead is never said: that is for the audit record, not for whoever asks. ASCII: titles are
// ours, and a request's id, which wants no escape in JSON, is passed on only where it is.
function problemOf({ status, title, reason }: ProblemFacts, requestId: string): string {
  let head = problemHeads.get(reason)
  if (head === undefined) {
    const type = `urn:crossgate:problem:${reason}`
    head = JSON.stringify({ type, title, status, reason }).slice(0, -1)
    problemHeads.set(reason, head)
  }
  return `${head},"requestId":"${requestId}"}\n`
}

// By reason, of which the code lists a few dozen.
const problemHeads = new Map<string, string>()

/** The decision's CORS headers and Vary, for an answer that no upstream has a part in: name and value in turn. */
export function corsHeaders(context: RequestContext): string[] {
  const { decision } = context.evaluation
  const vary = mergeVary(undefined, decision.vary)
  return vary === undefined ? [...decision.headers] : [...decision.headers, 'Vary', vary]
}

const HEADERS_OF: Readonly<Partial<Record<Reason, readonly string[]>>> = {
  // RFC 9110 section 15.5.6: a 405 names methods. Which of them a resource has is the upstream's to say; it gets any but
  // TRACE and CONNECT.
  'method-not-served': ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  'audit-unavailable': ['Retry-After', '5'],
}
