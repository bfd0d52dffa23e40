import type { ServerResponse } from 'node:http'
import type { RequestContext } from './request-context.js'

/** The decided request that a response is the answer to; undefined where none was decided. */
export function contextOf(response: ServerResponse): RequestContext | undefined {
  return (response as Keeping)[CONTEXT]
}

/** Keeps it on the response itself: a table would be written to, and swept, for every request. */
export function keepContext(response: ServerResponse, context: RequestContext): void {
  ;(response as Keeping)[CONTEXT] = context
}

type Keeping = ServerResponse & { [CONTEXT]?: RequestContext }
const CONTEXT = Symbol('the request that this answers')
