/** What kind of request this is, for CORS. */
export type Kind = 'not-cors' | 'preflight' | 'actual' | 'websocket'

/** The facts of a request that CORS depends on; header values as received, several lines joined by `, `. */
export interface CorsRequest {
  readonly method: string
  /** Undefined where there is no Origin header; an empty one is a (malformed) origin. */
  readonly origin: string | undefined
  readonly requestMethod: string | undefined
  readonly requestHeaders: string | undefined
  readonly requestPrivateNetwork: string | undefined
  readonly secFetchSite: string | undefined
  readonly secFetchMode?: string | undefined
  readonly secFetchDest?: string | undefined
  /** True for a request that asks to become a WebSocket. */
  readonly websocket: boolean
  /** True where the Origin is this gateway's own; see `isOwnOrigin`. */
  readonly ownOrigin: boolean
}

/**
 * Sorts a request. A CORS-preflight request is an OPTIONS with Origin and Access-Control-Request-Method (Fetch,
 * "CORS protocol"); an OPTIONS without the latter is a request like any other, however often it is taken for one.
 */
export function classify(request: CorsRequest): Kind {
  if (request.websocket) return 'websocket'
  if (request.origin === undefined) return 'not-cors'
  return request.method === 'OPTIONS' && request.requestMethod !== undefined ? 'preflight' : 'actual'
}
