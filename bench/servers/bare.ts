import { createServer } from 'node:http'
import type { Site } from '../peer.js'
import { ALLOWED, originsOf } from '../policy-sizes.js'

const site = JSON.parse(process.argv[2]!) as Site
const allowed = new Set<string | undefined>([undefined, ...originsOf(site.size)])
const bodies = { small: Buffer.alloc(100, 'x'), large: Buffer.alloc(65_536, 'x') }
const problem = JSON.stringify({
  type: 'urn:crossgate:problem:origin-not-allowed',
  title: 'Origin not allowed',
  status: 403,
  reason: 'origin-not-allowed',
  requestId: '00000000-0000-0000-0000-000000000000',
})

createServer((request, response) => {
  const { origin } = request.headers
  if (!allowed.has(origin)) {
    response.writeHead(403, [
      ...['Vary', 'Origin', 'Content-Type', 'application/problem+json'],
      ...['Content-Length', String(problem.length), 'Cache-Control', 'no-store'],
      ...['X-Content-Type-Options', 'nosniff'],
    ])
    response.end(problem)
  } else if (request.method === 'OPTIONS') {
    response.writeHead(204, [
      ...['Access-Control-Allow-Origin', origin!, 'Access-Control-Allow-Methods', ALLOWED.methods.join(', ')],
      ...['Access-Control-Allow-Headers', ALLOWED.headers.join(', ')],
      ...['Access-Control-Max-Age', String(ALLOWED.maxAgeSeconds), 'Vary', 'Origin'],
    ])
    response.end()
  } else {
    const body = request.url?.endsWith('/large') ? bodies.large : bodies.small
    request.resume()
    response.writeHead(200, [
      ...['Content-Type', 'application/json', 'Content-Length', String(body.length), 'Vary', 'Origin'],
      ...(origin === undefined ? [] : ['Access-Control-Allow-Origin', origin]),
    ])
    response.end(body)
  }
}).listen(site.port, '127.0.0.1')
