import { withOrigins, withRoute, withRule, withRuleOf, withTop, withUpstream } from '../marked-policy.js'
import type { RefusalCase } from './refusal-case.js'

export const shape: readonly RefusalCase[] = [
  {
    title: 'a misspelt top-level key',
    code: 'unknown-key',
    policy: withTop('«orgins»: {}'),
    replacement: 'origins',
  },
  {
    title: 'a misspelt key of a rule',
    code: 'unknown-key',
    policy: withOrigins('https://a.example', '«allowCredential»: true'),
    replacement: 'allowCredentials',
  },
  {
    title: 'a key that is part of the right one',
    code: 'unknown-key',
    policy: withOrigins('https://a.example', '«credentials»: true'),
    replacement: 'allowCredentials',
  },
  { title: 'a key that is nothing like another', code: 'unknown-key', policy: withTop('«quux»: 1') },
  {
    title: 'the key __proto__',
    code: 'unknown-key',
    policy: withRoute('path: /**\n«__proto__»: { mode: report }'),
  },
  {
    title: 'an upstream called __proto__',
    code: 'unknown-key',
    policy:
      'version: 1\nupstreams:\n  u: { url: http://u }\n  «__proto__»: { url: http://v }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
  },
  { title: 'the key constructor', code: 'unknown-key', policy: withRoute('path: /**\n«constructor»: 1') },
  {
    title: 'the key toString in an entry',
    code: 'unknown-key',
    policy: withOrigins('{ origin: https://a.example, «toString»: 1 }', ''),
  },
  {
    title: 'no version',
    code: 'missing-key',
    policy: '«upstreams»: { u: { url: http://u } }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
  },
  { title: 'no routes', code: 'missing-key', policy: '«version»: 1\nupstreams: { u: { url: http://u } }\n' },
  {
    title: 'a route without a path',
    code: 'missing-key',
    policy: 'version: 1\nupstreams: { u: { url: http://u } }\nroutes:\n  - «id»: a\n    upstream: u\n',
  },
  {
    title: 'a rule without methods',
    code: 'missing-key',
    policy: withRule('«allowOrigins»: [https://a.example]'),
  },
  { title: 'a rule without origins', code: 'missing-key', policy: withRule('«allowMethods»: [GET]') },
  {
    title: 'an upstream without a url',
    code: 'missing-key',
    policy: 'version: 1\nupstreams:\n  «u»: {}\nroutes: [{ id: a, path: /**, upstream: u }]\n',
  },
  { title: 'an entry without its origin', code: 'missing-key', policy: withOrigins('{ «owner»: me }', '') },
  {
    title: 'a version of the future',
    code: 'bad-value',
    policy:
      'version: «2»\nupstreams: { u: { url: http://u } }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
    replacement: '1',
  },
  {
    title: 'a mode that is none',
    code: 'bad-value',
    policy: withRoute('path: /**\nmode: «enforced»'),
    replacement: 'enforce',
  },
  {
    title: 'a TLS name that is empty',
    code: 'bad-value',
    policy: withUpstream('url: https://u\ntls: { serverName: «""» }'),
  },
  {
    title: 'credentials as a quoted word',
    code: 'wrong-type',
    policy: withOrigins('https://a.example', 'allowCredentials: «"false"»'),
    replacement: 'false',
  },
  {
    title: 'credentials as YAML 1.1 had them',
    code: 'wrong-type',
    policy: withOrigins('https://a.example', 'allowCredentials: «yes»'),
    replacement: 'true',
  },
  {
    title: 'headers as text',
    code: 'wrong-type',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: «x-a»'),
  },
  {
    title: 'an origin that is a number',
    code: 'wrong-type',
    policy: withOrigins('«123»', ''),
    replacement: '"123"',
  },
  { title: 'an unquoted null', code: 'wrong-type', policy: withOrigins('«null»', '') },
  {
    title: 'a name that is null',
    code: 'wrong-type',
    policy: withTop('').replace('id: a', 'id: «null»'),
    replacement: '"null"',
  },
  {
    title: 'Off for false, in quotes',
    code: 'wrong-type',
    policy: withRoute('path: /**\nwebsocket: «"Off"»'),
    replacement: 'false',
  },
  {
    title: 'a version with a point',
    code: 'bad-value',
    policy:
      'version: «"1.0"»\nupstreams: { u: { url: http://u } }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
    replacement: '1',
  },
  {
    title: 'an id that is a number',
    code: 'wrong-type',
    policy:
      'version: 1\nupstreams: { u: { url: http://u } }\nroutes:\n  - { id: «404», path: /**, upstream: u }\n',
    replacement: '"404"',
  },
  { title: 'rules that are not there', code: 'wrong-type', policy: withRoute('path: /**\n«cors»:') },
  {
    title: 'a rule that is a list',
    code: 'wrong-type',
    policy: withRoute('path: /**\ncors: [«[https://a.example]»]'),
  },
  {
    title: 'an octal number of connections',
    code: 'wrong-type',
    policy: withUpstream('url: http://u\nconnections: «010»'),
  },
  {
    title: 'half a connection',
    code: 'wrong-type',
    policy: withUpstream('url: http://u\nconnections: «1.5»'),
  },
  { title: 'no connections', code: 'number-range', policy: withUpstream('url: http://u\nconnections: «0»') },
  { title: 'a negative queue', code: 'number-range', policy: withUpstream('url: http://u\nqueue: «-1»') },
  {
    title: 'too many connections',
    code: 'number-range',
    policy: withUpstream('url: http://u\nconnections: «65537»'),
  },
  {
    title: 'no routes in the list',
    code: 'empty-list',
    policy: 'version: 1\nupstreams: { u: { url: http://u } }\nroutes: «[]»\n',
  },
  {
    title: 'no origins in a rule',
    code: 'empty-list',
    policy: withRule('allowOrigins: «[]»\nallowMethods: [GET]'),
  },
  { title: 'no methods in a rule', code: 'empty-list', policy: withRuleOf('allowMethods: «[]»') },
  { title: 'no hosts in the list', code: 'empty-list', policy: withRoute('path: /**\nhosts: «[]»') },
  { title: 'an empty set', code: 'empty-list', policy: withTop('origins: { s: «[]» }') },
  {
    title: 'a space in a duration',
    code: 'duration-format',
    policy: withUpstream('url: http://u\ntimeouts: { connect: «10 s» }'),
  },
  {
    title: 'a duration in days',
    code: 'duration-format',
    policy: withUpstream('url: http://u\ntimeouts: { idle: «1d» }'),
  },
  {
    title: 'a timeout of nothing',
    code: 'duration-range',
    policy: withUpstream('url: http://u\ntimeouts: { idle: «0» }'),
  },
  {
    title: 'a timeout of two days',
    code: 'duration-range',
    policy: withUpstream('url: http://u\ntimeouts: { idle: «48h» }'),
  },
  {
    title: 'a date in another order',
    code: 'expires-date',
    policy: withOrigins('{ origin: https://a.example, expires: «31.01.2027» }', ''),
  },
  {
    title: 'a day that is not in the calendar',
    code: 'expires-date',
    policy: withOrigins('{ origin: https://a.example, expires: «2027-02-30» }', ''),
  },
  {
    title: 'an id with a space',
    code: 'name-syntax',
    policy:
      'version: 1\nupstreams: { u: { url: http://u } }\nroutes:\n  - { id: «"a b"», path: /**, upstream: u }\n',
  },
  {
    title: 'an upstream with a space',
    code: 'name-syntax',
    policy:
      'version: 1\nupstreams: { u: { url: http://u }, «u 2»: { url: http://v } }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
  },
  {
    title: 'a set that looks like a host',
    code: 'set-name',
    policy: withTop('origins: { «shop.example»: [https://a.example] }'),
  },
  {
    title: 'a set called null',
    code: 'set-name',
    policy: withTop('origins: { «null»: [https://a.example] }'),
  },
  { title: 'a set called *', code: 'set-name', policy: withTop('origins: { «"*"»: [https://a.example] }') },
]
