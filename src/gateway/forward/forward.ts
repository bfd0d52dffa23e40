import type { ServerResponse } from 'node:http'
import type { Exchange } from '../exchange/exchange.js'
import { discardBody } from '../exchange/request-body.js'
import { forward } from '../exchange/transport.js'
import { connectionOf } from '../listener/client-connection.js'
import { awaitsContinue } from '../listener/expect-continue.js'
import type { GatewayParts } from '../request/gateway-parts.js'
import type { RequestContext } from '../request/request-context.js'
import type { ExchangeFailure } from '../upstream/failure.js'
import type { FailureCause } from '../upstream/upstream-error.js'
import { PreparedExchange } from './prepare-exchange.js'

/** Sends a decided request to its route's upstream and the answer back, with the decision's headers and no others. */
export function forwardRequest(parts: GatewayParts, context: RequestContext, response: ServerResponse): void {
  const exchange = new RequestExchange(parts, context, response)
  if (parts.load.overloaded) {
    exchange.refuseUnsent('shed', response)
    discardBody(context.raw)
  } else if (!connectionOf(context.raw.socket).inTurn(response, () => forward(exchange))) {
    exchange.refuseUnsent('too-many-pipelined', response)
    // Its answer would wait behind those of the requests that are too many already, and so would all that follow.
    context.raw.socket.destroy()
  }
}

/** The exchange of an ordinary request, as the transport wants it. */
class RequestExchange extends PreparedExchange implements Exchange {
  readonly response: ServerResponse
  readonly bodyLimit: number
  readonly expectsContinue: boolean

  constructor(parts: GatewayParts, context: RequestContext, response: ServerResponse) {
    super(parts, context)
    this.response = response
    this.bodyLimit = parts.settings.bodyLimit
    this.expectsContinue = awaitsContinue(context.raw)
  }

  refuse(failure: ExchangeFailure, cause?: FailureCause): void {
    this.answerFailure(failure, this.response, cause)
  }

  onFault(error: unknown): void {
    this.answerFault(error, this.response)
  }
}
