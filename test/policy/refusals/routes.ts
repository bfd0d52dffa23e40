import { withRoute, withTop } from '../marked-policy.js'
import type { RefusalCase } from './refusal-case.js'

export const routes: readonly RefusalCase[] = [
  {
    title: 'an upstream that does not exist',
    code: 'unknown-upstream',
    policy:
      'version: 1\nupstreams: { orders: { url: http://u } }\nroutes: [{ id: a, path: /**, upstream: «order» }]\n',
    replacement: 'orders',
  },
  {
    title: 'an upstream from the prototype',
    code: 'unknown-upstream',
    policy:
      'version: 1\nupstreams: { orders: { url: http://u } }\nroutes: [{ id: a, path: /**, upstream: «constructor» }]\n',
  },
  {
    title: 'one id for two routes',
    code: 'duplicate-route',
    policy: withTop('')
      .replace(/\n$/, '')
      .replace('upstream: u }', 'upstream: u }\n  - { id: «a», path: /b, upstream: u }'),
  },
  {
    title: 'two routes for the same requests',
    code: 'route-clash',
    policy: withTop('').replace('upstream: u }', 'upstream: u }\n  - { id: b, path: «/**», upstream: u }'),
  },
  {
    title: 'two spellings of one path',
    code: 'route-clash',
    policy:
      'version: 1\nupstreams: { u: { url: http://u } }\nroutes:\n  - { id: a, path: "/v1:x/**", upstream: u }\n  - { id: b, path: «/v1%3Ax/**», upstream: u }\n',
  },
  {
    title: 'two routes that share one host',
    code: 'route-clash',
    policy:
      'version: 1\nupstreams: { u: { url: http://u } }\nroutes:\n  - { id: a, hosts: [a.example, b.example], path: /a/*, upstream: u }\n  - { id: b, hosts: [c.example, b.example], path: «/a/*», upstream: u }\n',
  },
  { title: 'a host of *', code: 'host-any', policy: withRoute('path: /**\nhosts: [«"*"»]') },
  {
    title: 'a host with a scheme',
    code: 'host-scheme',
    policy: withRoute('path: /**\nhosts: [«https://a.example»]'),
    replacement: 'a.example',
  },
  {
    title: 'a host with a port',
    code: 'host-port',
    policy: withRoute('path: /**\nhosts: [«"a.example:8443"»]'),
    replacement: '"a.example"',
  },
  {
    title: 'a host with the default port',
    code: 'host-port',
    policy: withRoute('path: /**\nhosts: [«"a.example:443"»]'),
    replacement: '"a.example"',
  },
  {
    title: 'a host in upper case',
    code: 'host-syntax',
    policy: withRoute('path: /**\nhosts: [«A.example»]'),
    replacement: 'a.example',
  },
  {
    title: 'a host with a star inside',
    code: 'host-syntax',
    policy: withRoute('path: /**\nhosts: [«a.*.example»]'),
  },
  {
    title: 'an address without brackets',
    code: 'host-syntax',
    policy: withRoute('path: /**\nhosts: [«"::1"»]'),
  },
  {
    title: 'a path without its slash',
    code: 'path-not-absolute',
    policy: withRoute('path: «orders/**»'),
    replacement: '/orders/**',
  },
  {
    title: 'a path that is a url',
    code: 'path-not-absolute',
    policy: withRoute('path: «https://a.example/orders»'),
  },
  { title: 'a path with a query', code: 'path-query', policy: withRoute('path: «/orders?x=1»') },
  { title: 'a path with a fragment', code: 'path-query', policy: withRoute('path: «/orders#x»') },
  { title: 'two slashes', code: 'path-empty-segment', policy: withRoute('path: «/a//b»') },
  { title: 'dot segments', code: 'path-dot-segment', policy: withRoute('path: «/a/../b»') },
  { title: 'encoded dot segments', code: 'path-dot-segment', policy: withRoute('path: «/a/%2e%2E/b»') },
  { title: 'half a segment of wildcard', code: 'path-wildcard', policy: withRoute('path: «/a*»') },
  { title: '** in the middle', code: 'path-wildcard', policy: withRoute('path: «/a/**/b»') },
  {
    title: 'a path that needs encoding',
    code: 'path-encoding',
    policy: withRoute('path: «/caf\u00e9 bar/**»'),
    replacement: '/caf%C3%A9%20bar/**',
  },
  {
    title: 'a path that needs decoding',
    code: 'path-encoding',
    policy: withRoute('path: «/%61%2c/b»'),
    replacement: '/a%2C/b',
  },
  { title: 'a percent sign alone', code: 'path-encoding', policy: withRoute('path: «/100%»') },
  { title: 'an encoded slash', code: 'path-separator', policy: withRoute('path: «/a%2Fb»') },
  { title: 'a backslash', code: 'path-separator', policy: withRoute('path: «/a\\b»') },
  { title: 'a path parameter', code: 'path-parameter', policy: withRoute('path: «/a;v=1»') },
  {
    title: 'a prefix with a trailing slash',
    code: 'path-trailing-slash',
    policy: withRoute('path: /a/**\nreplacePrefix: «/v1/»'),
    replacement: '/v1',
  },
  {
    title: 'a prefix for a path without **',
    code: 'replace-prefix-without-rest',
    policy: withRoute('path: /a\nreplacePrefix: «/v1»'),
  },
]
