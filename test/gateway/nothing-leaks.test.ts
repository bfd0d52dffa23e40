import { METHODS } from 'node:http'
import t from 'tap'
import { startSampleApi } from '../../demo/sample-api.js'
import { startGateway } from '../helpers/gateway.js'
import { preflight, send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

const SHOP = 'https://www.shop.example'
const EVIL = 'https://evil.example'
// CONNECT never gets to a route; what is no method of HTTP's parser never gets to us.
const SENDABLE = METHODS.filter(method => method !== 'CONNECT')

const policyFor = (upstream: string): string => `
version: 1
upstreams: { api: { url: "${upstream}" } }
routes:
  - id: block
    hosts: [block.example]
    path: /**
    upstream: api
    cors: [{ allowOrigins: ["${SHOP}"], allowMethods: [GET, POST, PUT, DELETE, PATCH, OPTIONS], allowCredentials: true }]
  - id: strip
    hosts: [strip.example]
    path: /**
    upstream: api
    onDenied: strip
    cors: [{ allowOrigins: ["${SHOP}"], allowMethods: [GET, POST, PUT, DELETE, PATCH, OPTIONS], allowCredentials: true }]
  - { id: closed, hosts: [closed.example], path: /**, upstream: api, onDenied: strip }
  - { id: public, hosts: [public.example], path: /**, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
`

t.test(
  'in front of the sample API, nothing that it says about CORS gets through, whatever is asked',
  async t => {
    const api = await startSampleApi({ host: '127.0.0.1', port: 0 })
    t.teardown(api.close)
    const gateway = await startGateway(t, { policy: policyFor(api.url) })
    const paths = [
      '/orders',
      '/orders/1',
      '/login',
      '/profile',
      '/catalog',
      '/prices',
      '/stock',
      '/count',
      '/nowhere',
      '/',
    ]
    const origins = [undefined, SHOP, EVIL, 'null', `${SHOP}/`]
    let answers = 0
    for (const host of ['block.example', 'strip.example', 'closed.example', 'public.example']) {
      for (const path of paths) {
        await Promise.all(
          ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'].flatMap(method =>
            origins.map(async origin => {
              const headers = { host, cookie: 'session=alice', ...(origin !== undefined && { origin }) }
              const answer = await send(gateway.port, {
                method,
                path,
                headers,
                body: method === 'POST' ? '{}' : '',
              })
              answers++
              const ours = expected(host, method, origin)
              const found = Object.fromEntries(
                answer.cors().map(name => [name, answer.lines(name).join(' and ')]),
              )
              if (JSON.stringify(found) !== JSON.stringify(ours))
                t.same(found, ours, `${host} ${method} ${path} ${origin}`)
            }),
          ),
        )
      }
    }
    t.equal(answers, 4 * paths.length * 8 * origins.length, 'every answer was looked at')
    t.ok(api.requests().total > 500, 'and the API was really asked')
  },
)

t.test(
  'a denied request of any method never reaches the upstream; nor does a preflight of any kind',
  async t => {
    const upstream = await startUpstream(t)
    const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
    const host = 'block.example'
    for (const method of SENDABLE) {
      const headers = { host, origin: EVIL, 'content-type': 'application/json' }
      const answer = await send(gateway.port, {
        method,
        path: '/orders',
        headers,
        body: method === 'GET' ? '' : '{"a":1}',
      })
      t.match(answer.status, method === 'TRACE' ? 405 : 403, method)
    }
    for (const [origin, method, ...names] of [
      [SHOP, 'PUT', 'content-type'],
      [SHOP, 'PUT', 'x-other'],
      [SHOP, 'MKCOL'],
      [EVIL, 'GET'],
      ['null', 'GET'],
      [SHOP, ''],
      [SHOP, 'a b'],
      [`${SHOP}/`, 'GET'],
    ] as const) {
      for (const target of [host, 'strip.example', 'closed.example', 'public.example', 'unknown.example']) {
        const ask = preflight(origin, method, ...names)
        await send(gateway.port, {
          ...ask,
          path: '/orders',
          headers: { ...ask.headers, host: target, authorization: 'Bearer x', cookie: 'a=b' },
          body: 'body',
        })
      }
    }
    t.equal(upstream.seen.length, 0)
  },
)

/** The CORS headers that the policy above gives, and no others. */
function expected(host: string, method: string, origin: string | undefined): Record<string, string> {
  if (host === 'closed.example') return {}
  if (host === 'public.example') {
    const open = (method === 'GET' || method === 'HEAD') && origin !== `${SHOP}/`
    return open ? { 'access-control-allow-origin': '*' } : {}
  }
  if (origin !== SHOP || method === 'PROPFIND') return {}
  return { 'access-control-allow-origin': SHOP, 'access-control-allow-credentials': 'true' }
}
