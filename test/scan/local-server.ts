import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createRawServer } from 'node:net'
import type { Test } from 'tap'

export const SECRET = 'session=alice-5ecret-7f3a'
export const FLAGS = ['--allow-private', '--rate', '0', '--no-progress']

interface Seen {
  readonly method: string
  readonly url: string
  readonly cookie: string | undefined
  readonly agent: string | undefined
  readonly control: string | undefined
  readonly asks: string | undefined
}

/** A server of the test's own on loopback, which notes what it is asked. */
export async function serve(t: Test, listener: RequestListener) {
  const seen: Seen[] = []
  let alarm: { count: number; ring: () => void } | undefined
  const server = createServer((request, response) => {
    const { cookie, 'user-agent': agent, 'cache-control': control } = request.headers
    const asks = request.headers['access-control-request-method']
    seen.push({ method: request.method ?? '', url: request.url ?? '', cookie, agent, control, asks })
    if (seen.length === alarm?.count) alarm.ring()
    listener(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve()))
  }
  t.teardown(close)
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const at = (count: number, ring: () => void): void => {
    alarm = { count, ring }
  }
  return { origin, url: `${origin}/me`, seen, close, at }
}

/** Answers every request with these bytes, whatever it is. */
export async function serveBytes(t: Test, head: string): Promise<number> {
  const server = createRawServer(socket => {
    socket.on('error', () => {}).once('data', () => socket.end(head, 'latin1'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** Accepts any origin, with credentials. */
export function reflect(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.origin !== undefined) {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin)
    response.setHeader('Access-Control-Allow-Credentials', 'true')
  }
  response.end(`user: ${request.headers.cookie ?? 'nobody'}`)
}
