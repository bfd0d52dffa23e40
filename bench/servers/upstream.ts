import { createServer } from 'node:http'
import { UPSTREAM_HEADERS } from '../upstream.js'

const small = Buffer.alloc(100, 'x')
const large = Buffer.alloc(65_536, 'x')

createServer({ keepAlive: true, keepAliveTimeout: 600_000 }, (request, response) => {
  const body = request.url?.endsWith('/large') === true ? large : small
  request.resume().on('end', () => {
    response.writeHead(200, { ...UPSTREAM_HEADERS, 'Content-Length': body.length }).end(body)
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
