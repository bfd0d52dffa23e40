/** The address that a page requests, read into what its request says of it. */
export interface PageUrl {
  readonly scheme: 'http' | 'https'
  /** The Host header, as written. */
  readonly host: string
  /** The request target: path and query as written, without the fragment. */
  readonly target: string
  /** `ws:` or `wss:`: the request is a WebSocket handshake. */
  readonly websocket: boolean
}

/** Undefined where the address is not a whole one. Nothing is tidied up: how a target is read is part of what is asked. */
export function readPageUrl(url: string): PageUrl | undefined {
  const [, name, host, rest = ''] = /^(https?|wss?):\/\/([^/?#\s]+)([^#]*)/i.exec(url) ?? []
  if (name === undefined || host === undefined) return undefined
  const scheme = name.toLowerCase()
  return {
    scheme: scheme === 'https' || scheme === 'wss' ? 'https' : 'http',
    host,
    target: rest.startsWith('/') ? rest : `/${rest}`,
    websocket: scheme.startsWith('ws'),
  }
}
