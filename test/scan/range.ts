import { readFileSync } from 'node:fs'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer } from 'node:net'
import { resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'
import type { RangeCase } from './range-server.js'

export interface Range {
  urlOf(one: RangeCase): string
  readonly hosts: ReadonlyMap<string, string>
}

/** Serves every case at a path of its own, on one https and one http port. Ended with the test. */
export async function startRange(t: Test, cases: readonly RangeCase[]): Promise<Range> {
  const byPath = new Map(cases.map(one => [pathOf(one), one]))
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const one = find(byPath, request.url ?? '/')
    if (one === undefined) response.writeHead(404).end()
    else one.serve(request, response, pathOf(one))
  }
  const tls = { key: readTls('server-key.pem'), cert: readTls('server.pem') }
  const upgrades = ({ url = '/', headers }: IncomingMessage): boolean => {
    const upgrade = find(byPath, url)?.upgrade
    return upgrade === 'always' || (upgrade === 'session' && headers.cookie !== undefined)
  }
  const https = await listen(t, createHttpsServer(tls, listener), upgrades)
  const raw = new Map<RangeCase, number>()
  for (const one of cases) if (one.raw !== undefined) raw.set(one, await listenRaw(t, one.raw))
  const http = await listen(t, createHttpServer(listener), upgrades)
  return {
    urlOf: one =>
      `${one.scheme ?? 'https'}://${one.host ?? 'api.shop.example'}:${raw.get(one) ?? (one.scheme === 'http' ? http : https)}${pathOf(one)}`,
    hosts: new Map(cases.map(({ host = 'api.shop.example' }) => [host, '127.0.0.1'])),
  }
}

/** The case whose path this is, or lies in the same folder: the scanner asks for neighbours too. */
function find(byPath: ReadonlyMap<string, RangeCase>, url: string): RangeCase | undefined {
  const path = (url.split('?')[0] ?? '').replace(/^\/+/, '/')
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return (
    byPath.get(path) ??
    byPath.get(path.replace(/\/$/, '')) ??
    [...byPath].find(([each]) => each.startsWith(folder))?.[1]
  )
}

function pathOf({ name, path }: RangeCase): string {
  return path ?? `/${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}/it`
}

async function listen(
  t: Test,
  server: Server,
  upgrades: (request: IncomingMessage) => boolean,
): Promise<number> {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {})
    socket.end(upgrades(request) ? ACCEPTED : REFUSED)
  })
  // Over-long headers are refused by Node itself.
  server.on('clientError', (_, socket) => socket.destroy())
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A server that cuts its requests itself and takes whatever comes. One request per connection. */
async function listenRaw(t: Test, originOf: NonNullable<RangeCase['raw']>): Promise<number> {
  const server = createRawServer(socket => {
    let received = ''
    socket.setEncoding('latin1').on('error', () => {})
    socket.on('data', chunk => {
      received += chunk
      if (!received.includes('\r\n\r\n')) return
      const origin = originOf(received.slice(0, received.indexOf('\r\n\r\n')).split('\r\n'))
      const allowed =
        origin === undefined
          ? ''
          : `Access-Control-Allow-Origin: ${origin}\r\nAccess-Control-Allow-Credentials: true\r\n`
      socket.end(
        `HTTP/1.1 200 OK\r\n${allowed}Cache-Control: no-store\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        'latin1',
      )
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

function readTls(name: string): Buffer {
  return readFileSync(resolve(import.meta.dirname, '../fixtures/tls', name))
}

const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const REFUSED = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
