// An API that says * to everybody, with credentials: what the gateway takes away.
require('node:http')
  .createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.end(`${request.method} ${request.url}\n`)
  })
  .listen(8081, '0.0.0.0')
process.on('SIGTERM', () => process.exit(0))
