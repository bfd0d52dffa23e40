import t from 'tap'
import { flood } from '../helpers/flood.js'
import { startGateway } from '../helpers/gateway.js'
import { heapOf, INSPECTED } from '../helpers/heap-of.js'
import { startUpstream } from '../helpers/upstream.js'

// Records and memos hold pieces of heads, and a piece can hold the whole: what is kept must not be longer than it looks.

interface Flood {
  readonly requests: number
  /** Of a request, besides Host. */
  fields(index: number): string
  /** What the upstream answers with. */
  headers(request: { index: number; origin: string | undefined }): Record<string, string>
}

const FLOODS: Record<string, Flood> = {
  'origins that an upstream reflects': {
    requests: 2_500,
    fields: index => `Origin: https://customer-${index}.example\r\n`,
    headers: ({ origin = '' }) => ({ 'x-before': 'x'.repeat(8_000), 'access-control-allow-origin': origin }),
  },
  'header lists that an upstream makes up': {
    requests: 2_500,
    fields: () => 'Origin: https://www.customer.example\r\n',
    headers: ({ index }) => ({
      'x-before': 'x'.repeat(8_000),
      'access-control-expose-headers': `x-made-up-${index}`,
    }),
  },
  'CORS headers that an upstream makes up': {
    requests: 400,
    fields: () => 'Origin: https://www.customer.example\r\n',
    headers: ({ index }) => ({ 'x-before': 'x'.repeat(15_000), [`access-control-made-up-${index}`]: '1' }),
  },
  'header names that an upstream makes up': {
    requests: 400,
    fields: () => '',
    headers: ({ index }) => ({ 'x-before': 'x'.repeat(15_000), [`x-made-up-header-${index}`]: '1' }),
  },
  'proxies that a client makes up': {
    requests: 400,
    fields: index =>
      `X-Forwarded-For: ${'x'.repeat(5_000)}, 2001:db8:1:2:3:4:5:${(4_096 + index).toString(16)}\r\n`,
    headers: () => ({}),
  },
}

for (const [name, { requests, fields, headers }] of Object.entries(FLOODS)) {
  t.test(`a flood of ${name} leaves no heads behind`, async t => {
    const upstream = await startUpstream(t, (request, response) => {
      const index = Number(request.url?.slice(1))
      response.writeHead(200, headers({ index, origin: request.headers.origin })).end()
    })
    const gateway = await startGateway(t, {
      policy: `version: 1
upstreams: { api: { url: "${upstream.url}" } }
routes: [{ id: api, path: /**, upstream: api, mode: report, cors: [] }]
`,
      flags: ['--audit-window', '60s', '--audit-file', '/dev/null', '--trusted-proxies', '127.0.0.1'],
      nodeFlags: INSPECTED,
    })
    const heap = await heapOf(t, gateway)
    const send = (from: number, count: number) =>
      flood({
        port: gateway.port,
        requests: count,
        request: index => `GET /${from + index} HTTP/1.1\r\nHost: a.example\r\n${fields(from + index)}\r\n`,
        connections: 4,
        batch: 5,
      })
    await send(requests, 50)
    await heap.collect()
    const before = await heap.used()
    t.strictSame(await send(0, requests), new Map([['200', requests]]))
    await heap.collect()
    const kept = ((await heap.used()) - before) / requests
    t.ok(kept < 3_000, `${Math.round(kept)} bytes are kept of each`)
  })
}
