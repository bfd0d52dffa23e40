import { connect } from 'node:net'

export interface FloodOptions {
  readonly port: number
  readonly requests: number
  /** The whole request for a number from 0. */
  request(index: number): string
  readonly connections?: number
  /** Requests sent at once on a connection; the next follow when those are answered. */
  readonly batch?: number
}

/**
 * Sends many pipelined requests over a few connections and counts the answers by status. Bounded: it ends when all are
 * answered or a connection breaks.
 */
export async function flood({ port, requests, request, connections = 4, batch = 50 }: FloodOptions) {
  const statuses = new Map<string, number>()
  let next = 0
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let open = 0
      let rest = ''
      const send = (): void => {
        let bytes = ''
        while (open < batch && next < requests) {
          bytes += request(next++)
          open++
        }
        if (open === 0) socket.end()
        else socket.write(bytes, 'latin1')
      }
      socket.on('connect', send)
      socket.on('data', chunk => {
        rest += chunk.toString('latin1')
        for (const [, status = ''] of rest.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          open--
        }
        // Keeps what may be the beginning of a status line.
        rest = rest.slice(Math.max(rest.lastIndexOf('HTTP/1.1 ') + 13, rest.length - 12))
        if (open === 0) send()
      })
      socket.on('error', reject)
      socket.on('close', () =>
        open === 0 ? resolve() : reject(new Error(`${open} requests were not answered`)),
      )
    })
  await Promise.all(Array.from({ length: connections }, run))
  return statuses
}
