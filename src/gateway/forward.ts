import type { ServerResponse } from 'node:http'
import { awaitsContinue } from './expect-continue.js'
import type { GatewayParts } from './gateway-parts.js'
import { blameParseErrorsOn } from './parse-error.js'
import { closesWith } from './pipelined.js'
import { prepareExchange } from './prepare-exchange.js'
import { discardBody } from './request-body.js'
import type { RequestContext } from './request-context.js'
import { forward } from './transport.js'

/** Sends a decided request to its route's upstream and the answer back, with the decision's headers and no others. */
export function forwardRequest(parts: GatewayParts, context: RequestContext, response: ServerResponse): void {
  const exchange = prepareExchange(parts, context, response)
  if (exchange === undefined) throw new Error('only a decision that names a route is forwarded')
  closesWith(context.raw.socket, response)
  blameParseErrorsOn(context, response)
  if (parts.load?.overloaded) {
    exchange.refuse('overloaded', response)
    discardBody(context.raw)
    return
  }
  forward({
    ...exchange,
    response,
    refuse: failure => exchange.refuse(failure, response),
    bodyLimit: parts.settings.bodyLimit,
    expectsContinue: awaitsContinue(context.raw),
  })
}
