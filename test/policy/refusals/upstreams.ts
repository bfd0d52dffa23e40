import { withUpstream } from '../marked-policy.js'
import type { RefusalCase } from './refusal-case.js'

export const upstreams: readonly RefusalCase[] = [
  { title: 'an upstream over ftp', code: 'upstream-scheme', policy: withUpstream('url: «ftp://u»') },
  {
    title: 'an upstream without a scheme',
    code: 'upstream-scheme',
    policy: withUpstream('url: «u.internal:8080»'),
  },
  { title: 'an upstream without a host', code: 'upstream-url', policy: withUpstream('url: «http:///base»') },
  { title: 'an upstream at port 0', code: 'upstream-url', policy: withUpstream('url: «http://u:0»') },
  {
    title: 'an upstream in upper case',
    code: 'upstream-url',
    policy: withUpstream('url: «http://U.internal/base»'),
    replacement: 'http://u.internal/base',
  },
  {
    title: 'an upstream at an address in disguise',
    code: 'upstream-url',
    policy: withUpstream('url: «http://0x7f.1»'),
    replacement: 'http://127.0.0.1',
  },
  {
    title: 'an upstream with a password',
    code: 'upstream-userinfo',
    policy: withUpstream('url: «http://me:secret@u»'),
  },
  {
    title: 'an upstream with a query',
    code: 'upstream-query',
    policy: withUpstream('url: «http://u/base?x=1»'),
    replacement: 'http://u/base',
  },
  {
    title: 'a base path with dot segments',
    code: 'path-dot-segment',
    policy: withUpstream('url: «http://u/a/../b»'),
  },
  {
    title: 'a base path with a trailing slash',
    code: 'path-trailing-slash',
    policy: withUpstream('url: «http://u:8080/base/»'),
    replacement: 'http://u:8080/base',
  },
  {
    title: 'TLS options over http',
    code: 'tls-on-http',
    policy: withUpstream('url: http://u\n«tls»: { serverName: u }'),
  },
  {
    title: 'a certificate without its key',
    code: 'tls-cert-without-key',
    policy: withUpstream('url: https://u\ntls: { «cert»: a.pem }'),
  },
  {
    title: 'a key without its certificate',
    code: 'tls-key-without-cert',
    policy: withUpstream('url: https://u\ntls: { «key»: a.pem }'),
  },
]
