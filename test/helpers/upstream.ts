import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A request as the upstream saw it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface RecordingUpstream {
  readonly url: string
  readonly port: number
  readonly server: Server
  /** Requests in the order their heads came; what never left the gateway is not here. */
  readonly seen: SeenRequest[]
}

/** Starts an HTTP upstream that records what reaches it; answers `ok` unless told otherwise. Ended with the test. */
export async function startUpstream(
  t: Test,
  listener: RequestListener = (_, res) => res.end('ok'),
): Promise<RecordingUpstream> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const record = {
      method: request.method ?? '',
      url: request.url ?? '',
      rawHeaders: request.rawHeaders,
      headers: request.headers,
      body: '',
    }
    seen.push(record)
    request.on('data', chunk => {
      record.body += chunk
    })
    listener(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server, seen }
}
