import type { Socket } from 'node:net'
import { buildConnector, Client } from 'undici'
import type { ResolvedUpstream } from '../policy/resolved-policy.js'

/** The contents of the files that the policy's `tls` names. */
export interface TlsMaterial {
  readonly ca?: Buffer | undefined
  readonly cert?: Buffer | undefined
  readonly key?: Buffer | undefined
}

export type ConnectionOptions = Pick<ResolvedUpstream, 'origin' | 'tls' | 'timeouts'>

/** One connection to an upstream, and what undici does not tell of it. */
export interface Connection {
  readonly client: Client
  socket: Socket | undefined
  /** When the socket was connected, in milliseconds since the epoch. */
  since: number
  broken: Error | undefined
  /** A connect failed: undici 7 leaves such a client wedged where the certificate had another name. */
  failed: boolean
}

/** How a pool's connections are dialled; TLS is verified unless the policy says the dangerous word. */
export function connector(
  { tls, timeouts }: ConnectionOptions,
  material: TlsMaterial,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeouts.connect,
    autoSelectFamily: true,
    rejectUnauthorized: !tls.dangerouslySkipVerify,
    minVersion: 'TLSv1.2',
    ...(material.ca && { ca: material.ca }),
    ...(material.cert && { cert: material.cert }),
    ...(material.key && { key: material.key }),
  })
  if (tls.serverName === undefined) return connect
  const servername = tls.serverName
  // undici would take the name from the Host header first.
  return (target, callback) => connect({ ...target, servername }, callback)
}

/** Makes a connection that dials with its first request. */
export function openConnection(options: ConnectionOptions, connect: buildConnector.connector): Connection {
  const client = new Client(options.origin, {
    connect: (target, callback) =>
      connect(target, (...result) => {
        const [error, socket] = result
        if (error === null) watch(connection, socket)
        else connection.failed = true
        callback(...result)
      }),
    pipelining: 1,
    headersTimeout: options.timeouts.headers,
    // Watched by the transport, which also sees whether the client still reads: see `StallWatch`.
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_TIMEOUT,
    maxHeaderSize: MAX_HEADER_SIZE,
  })
  const connection: Connection = {
    client,
    socket: undefined,
    since: Date.now(),
    broken: undefined,
    failed: false,
  }
  return connection
}

/** Closes it at once, whatever it is doing. */
export function dropConnection(connection: Connection): void {
  void connection.client.destroy()
}

function watch(connection: Connection, socket: Socket): void {
  connection.socket = socket
  connection.since = Date.now()
  connection.broken = undefined
  socket.on('error', error => {
    if (connection.socket === socket) connection.broken = error
  })
}

// Milliseconds. Idle connections close before upstreams do, who mostly wait 5 s or more: the only full answer to the
// race between our next request and their close.
const KEEP_ALIVE_TIMEOUT = 4_000
const KEEP_ALIVE_MAX_TIMEOUT = 25_000
const MAX_HEADER_SIZE = 65_536
