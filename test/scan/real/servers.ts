import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import fastifyCors from '@fastify/cors'
import Fastify from 'fastify'
import type { Test } from 'tap'
import { type Daemon, skipWithout, startDaemon } from '../../helpers/daemons.js'
import { caddy, haproxy, nginx } from '../../helpers/proxies.js'

/** A server with the configuration that people paste, and what the scanner has to find in it. */
export interface RealServer {
  readonly name: string
  readonly skip: string | false
  /** `code severity`, for a scan with a session cookie; all of them. */
  readonly expects: readonly string[]
  /** @returns its port. Whatever it serves says who is asking: `user: alice` with the cookie `session=alice`. */
  start(t: Test): Promise<number>
}

/** nginx with `$http_origin`, as in a hundred answers: the origin of the request is the allowed one. */
const NGINX = nginx(
  port => `
  server {
    listen 127.0.0.1:${port};
    default_type text/plain;
    location / {
      if ($request_method = 'OPTIONS') {
        add_header 'Access-Control-Allow-Origin' "$http_origin";
        add_header 'Access-Control-Allow-Credentials' 'true';
        add_header 'Access-Control-Allow-Methods' 'GET, POST, PUT, DELETE, OPTIONS';
        add_header 'Access-Control-Allow-Headers' 'DNT,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';
        add_header 'Access-Control-Max-Age' 1728000;
        return 204;
      }
      add_header 'Access-Control-Allow-Origin' "$http_origin" always;
      add_header 'Access-Control-Allow-Credentials' 'true' always;
      add_header 'Cache-Control' 'max-age=600';
      return 200 "user: $cookie_session";
    }
  }`,
)

/** The snippet that reflects, with \`defer\` so that it wins over the upstream. */
const CADDY = caddy(
  port => `
(cors) {
  @cors_preflight method OPTIONS
  header {
    Access-Control-Allow-Origin "{http.request.header.Origin}"
    Access-Control-Allow-Credentials true
    Access-Control-Allow-Methods "GET, POST, PUT, PATCH, DELETE"
    Access-Control-Allow-Headers "Content-Type, Authorization"
    Access-Control-Max-Age 3600
    Vary Origin
    defer
  }
  respond @cors_preflight 204
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  import cors
  respond "user: {http.request.cookie.session}"
}`,
)

const HAPROXY = haproxy(
  port => `
frontend api
  bind 127.0.0.1:${port}
  http-request set-var(txn.origin) req.hdr(Origin)
  http-after-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if { var(txn.origin) -m found }
  http-after-response set-header Access-Control-Allow-Credentials true if { var(txn.origin) -m found }
  http-after-response set-header Access-Control-Allow-Methods "GET, HEAD, OPTIONS, POST, PUT" if METH_OPTIONS
  http-after-response set-header Access-Control-Allow-Headers "Origin, Accept, X-Requested-With, Content-Type, Authorization" if METH_OPTIONS
  http-request return status 204 if METH_OPTIONS
  http-request return status 200 content-type text/plain lf-string "user: %[req.cook(session)]"`,
)

export const REAL_SERVERS: readonly RealServer[] = [
  daemon(NGINX, ['origin-reflected critical', 'preflight-max-age low', 'vary-missing medium']),
  daemon(CADDY, ['origin-reflected critical']),
  daemon(HAPROXY, ['origin-reflected critical', 'vary-missing low']),
  {
    name: 'express',
    skip: false,
    expects: ['origin-reflected critical', 'preflight-any-header low'],
    start: t => listen(t, createServer(expressApp({ origin: true, credentials: true }))),
  },
  {
    name: 'fastify',
    skip: false,
    expects: ['origin-reflected critical', 'preflight-any-header low'],
    start: async t => {
      const app = Fastify({ forceCloseConnections: true })
      await app.register(fastifyCors, { origin: true, credentials: true })
      app.get('/*', async request => `user: ${sessionOf(request.headers.cookie)}`)
      await app.listen({ host: '127.0.0.1', port: 0 })
      t.teardown(() => app.close())
      return (app.server.address() as AddressInfo).port
    },
  },
  {
    name: 'express with a list',
    skip: false,
    expects: ['preflight-discloses info'],
    start: t =>
      listen(t, createServer(expressApp({ origin: ['https://www.shop.example'], credentials: true }))),
  },
]

function daemon(each: Daemon, expects: readonly string[]): RealServer {
  return { name: each.name, skip: skipWithout(each), expects, start: t => startDaemon(t, each) }
}

function expressApp(options: object): RequestListener {
  const require = createRequire(import.meta.url)
  const express = require('express') as () => RequestListener & { use(handler: unknown): void }
  const cors = require('cors') as (options: object) => unknown
  const app = express()
  app.use(cors(options))
  app.use((request: IncomingMessage, response: { send(text: string): void }) =>
    response.send(`user: ${sessionOf(request.headers.cookie)}`),
  )
  return app
}

function sessionOf(cookie = ''): string {
  return /session=([^;]*)/.exec(cookie)?.[1] ?? ''
}

async function listen(t: Test, server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
