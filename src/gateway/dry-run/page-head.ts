import { announcedBy } from '../../cors/browser/preflight-request.js'
import { isForbiddenRequestHeader } from '../../cors/header-name.js'
import { readPageUrl } from '../../policy/explain/page-url.js'
import { pageMethod } from './page-method.js'
import { HANDSHAKE, type HeaderLine, headBytes, type RequestHead } from './request-head.js'

/** A request that a page makes, in words that fit the flags of `explain`, a file of expectations and the console. */
export interface AskedByPage {
  /** Whole; `ws:` or `wss:` for a WebSocket. */
  readonly url: string
  /** Undefined: no Origin, as with a link. */
  readonly origin?: string | undefined
  readonly method?: string | undefined
  /** Each a name, or `name: value`. */
  readonly header: readonly string[]
  /** The preflight for it instead. */
  readonly preflight?: boolean | undefined
}

/**
 * What a browser would send for it.
 *
 * @throws Error with one sentence, where no browser sends such a thing.
 */
export function pageHead({
  url,
  origin,
  method: written = 'GET',
  header,
  preflight = false,
}: AskedByPage): RequestHead {
  const asked = readPageUrl(url)
  if (asked === undefined) {
    throw new Error(
      `the url is a whole address, such as https://api.shop.example/orders or wss://api.shop.example/live, not ${JSON.stringify(url)}`,
    )
  }
  const headers = header.map(line => {
    const [, name, value = ''] = /^([^:\s]+)(?::\s*(.*))?$/.exec(line) ?? []
    if (name === undefined)
      throw new Error(`a header is a name, or "name: value", not ${JSON.stringify(line)}`)
    return [name, value] as const
  })
  if (asked.websocket && preflight)
    throw new Error('a WebSocket has no preflight: browsers do not ask for it')
  const { method, notes } = pageMethod(written)
  if (asked.websocket && method !== 'GET')
    throw new Error(`the handshake of a WebSocket is a GET, not ${JSON.stringify(method)}`)
  const lines = preflight ? announced(method, headers) : headers
  return {
    bytes: headBytes(preflight ? 'OPTIONS' : method, asked.target, [
      ['Host', asked.host],
      ...(asked.websocket ? HANDSHAKE : []),
      ...(origin === undefined ? [] : [['Origin', origin] as const]),
      ...lines,
    ]),
    scheme: asked.scheme,
    page: { method, headers: headers.filter(([name]) => !isForbiddenRequestHeader(name)) },
    notes,
  }
}

function announced(method: string, headers: readonly HeaderLine[]): readonly HeaderLine[] {
  const { requestMethod, requestHeaders } = announcedBy({ method, headers })
  return [
    ['Access-Control-Request-Method', requestMethod],
    ...(requestHeaders === undefined ? [] : [['Access-Control-Request-Headers', requestHeaders] as const]),
  ]
}
