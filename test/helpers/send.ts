import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface Answer {
  readonly status: number
  /** The reason phrase. */
  readonly reason: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
  /** True where the connection ended before the body did. */
  readonly cut: boolean
  /** Values of one header, line by line. */
  lines(name: string): string[]
  /** Names of every CORS header in the answer, lower case. */
  cors(): string[]
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
}

/** Sends one request on a connection of its own and reads the whole answer; rejects only where there was none. */
export function send(
  port: number,
  { method = 'GET', path = '/', headers = {}, body }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: headers as Record<string, string>,
        agent: new Agent(),
      },
      response => {
        const chunks: Buffer[] = []
        const finish = (cut: boolean): void =>
          resolve(
            answerOf(
              response.statusCode ?? 0,
              response.statusMessage ?? '',
              response.headers,
              response.rawHeaders,
              chunks,
              cut,
            ),
          )
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => finish(!response.complete))
        response.on('error', () => finish(true))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** A preflight for `method` and the named request headers. */
export function preflight(origin: string, method: string, ...names: string[]): Ask {
  const asked = names.length === 0 ? {} : { 'access-control-request-headers': names.join(',') }
  return { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method, ...asked } }
}

function answerOf(
  status: number,
  reason: string,
  headers: IncomingHttpHeaders,
  rawHeaders: string[],
  chunks: Buffer[],
  cut: boolean,
): Answer {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase())
  return {
    status,
    reason,
    headers,
    rawHeaders,
    body: Buffer.concat(chunks).toString(),
    cut,
    lines: wanted =>
      rawHeaders.filter((_, index) => index % 2 === 1 && names[(index - 1) / 2] === wanted.toLowerCase()),
    cors: () => names.filter(name => name.startsWith('access-control-') || name === 'timing-allow-origin'),
  }
}
