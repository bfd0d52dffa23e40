import type { ProblemCode } from '../../src/policy/problems/problem-codes.js'
import { withOrigins, withRoute, withRule, withRuleOf, withTop, withUpstream } from './marked-policy.js'

/** A policy that must not load, with the one problem that it has; `«»` mark where. */
export interface RefusalCase {
  readonly title: string
  readonly code: ProblemCode
  readonly policy: string
  /** What a paste over the marked text must be. */
  readonly replacement?: string
  /** Other problems that come of the same mistake. */
  readonly also?: readonly ProblemCode[]
}

const yaml: readonly RefusalCase[] = [
  { title: 'an empty file', code: 'file-empty', policy: '' },
  { title: 'a file of comments', code: 'file-empty', policy: '«# nothing yet»\n' },
  { title: 'a list at the root', code: 'root-not-map', policy: '«- version: 1»\n' },
  { title: 'plain text at the root', code: 'root-not-map', policy: '«version 1»\n' },
  {
    title: 'a quote that is not closed',
    code: 'yaml-syntax',
    policy: 'version: 1\nupstreams: «"oops»\n',
    replacement: '"oops"',
  },
  {
    title: 'a tab as indentation',
    code: 'yaml-syntax',
    policy: 'version: 1\nroutes:\n«\t»- id: a\n',
    replacement: '  ',
  },
  {
    title: 'a hundred thousand open brackets',
    code: 'yaml-too-deep',
    policy: `version: ${'['.repeat(64)}`.replace(/\[{3}$/, '[«[»[') + '['.repeat(100_000),
  },
  { title: 'a hundred thousand dashes', code: 'yaml-too-deep', policy: '- '.repeat(100_000) },
  { title: 'a hundred thousand keys in one another', code: 'yaml-too-deep', policy: '{a: '.repeat(100_000) },
  { title: 'a directive for YAML 1.1', code: 'yaml-directive', policy: `«%YAML 1.1»\n---\n${withTop('')}` },
  {
    title: 'a second document',
    code: 'yaml-multiple-documents',
    policy: `${withTop('')}«---»\nversion: 1\n`,
  },
  { title: 'a key twice', code: 'yaml-duplicate-key', policy: withRoute('path: /**\n«path»: /a') },
  {
    title: 'an upstream twice',
    code: 'yaml-duplicate-key',
    policy:
      'version: 1\nupstreams:\n  u: { url: http://u }\n  «u»: { url: http://v }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
  },
  { title: 'a key that is a list', code: 'yaml-key', policy: withTop('? «[»a]\n: 1') },
  {
    title: 'an unquoted wildcard',
    code: 'yaml-alias',
    policy: withOrigins('«*.example.com»', ''),
    replacement: '"*.example.com"',
  },
  {
    title: 'an unquoted star',
    code: 'yaml-alias',
    policy: withRuleOf('allowMethods: [«*»]'),
    replacement: '"*"',
  },
  {
    title: 'an alias inside its own anchor',
    code: 'yaml-alias',
    policy: withTop('publicOrigins: &all [«*all»]'),
    replacement: '"*all"',
  },
  {
    title: 'a billion laughs',
    code: 'yaml-alias-expansion',
    policy: `a: &a [${'x, '.repeat(50)}]\n${'bcdefg'.replace(/./g, (name, at: number) => `${name}: &${name} [${`*${'abcdef'[at]}, `.repeat(50)}]\n`)}`,
    also: ['unknown-key', 'missing-key'],
  },
  { title: 'a merge key', code: 'yaml-merge-key', policy: withUpstream('url: http://u\n«<<»: { queue: 1 }') },
  { title: 'a tag', code: 'yaml-tag', policy: withUpstream('url: !!str «http://u»') },
  {
    title: 'a custom tag',
    code: 'yaml-tag',
    policy: withUpstream('url: http://u\ntimeouts: !slow «{ connect: 9s }»'),
  },
]

const shape: readonly RefusalCase[] = [
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
  { title: 'an unquoted null', code: 'wrong-type', policy: withOrigins('«null»', ''), replacement: '"null"' },
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
    policy: withOrigins('https://a.example', 'maxAge: «1d»'),
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

const origins: readonly RefusalCase[] = [
  { title: 'an empty origin', code: 'origin-empty', policy: withOrigins('«""»', '') },
  {
    title: 'white space around an origin',
    code: 'origin-whitespace',
    policy: withOrigins('«" https://a.example"»', ''),
    replacement: '"https://a.example"',
  },
  {
    title: 'two origins in one entry',
    code: 'origin-list',
    policy: withOrigins('«"https://a.example, https://b.example"»', ''),
  },
  {
    title: 'raw Unicode',
    code: 'origin-unicode',
    policy: withOrigins('«https://münchen.example»', ''),
    replacement: 'https://xn--mnchen-3ya.example',
  },
  {
    title: 'a host alone',
    code: 'origin-scheme-missing',
    policy: withOrigins('«a.example»', ''),
    replacement: 'https://a.example',
  },
  { title: 'a wildcard scheme', code: 'origin-scheme', policy: withOrigins('«"*://a.example"»', '') },
  { title: 'a file', code: 'origin-file', policy: withOrigins('«file://a.example»', '') },
  {
    title: 'user info',
    code: 'origin-userinfo',
    policy: withOrigins('«https://me@a.example»', ''),
    replacement: 'https://a.example',
  },
  {
    title: 'a trailing slash',
    code: 'origin-trailing-slash',
    policy: withOrigins('«https://a.example/»', ''),
    replacement: 'https://a.example',
  },
  {
    title: 'a path',
    code: 'origin-path',
    policy: withOrigins('«https://a.example/app»', ''),
    replacement: 'https://a.example',
  },
  {
    title: 'upper case',
    code: 'origin-upper-case',
    policy: withOrigins("«'https://A.example'»", ''),
    replacement: "'https://a.example'",
  },
  {
    title: 'a trailing dot',
    code: 'origin-trailing-dot',
    policy: withOrigins('«https://a.example.»', ''),
    replacement: 'https://a.example',
  },
  {
    title: 'a wildcard in the middle',
    code: 'origin-wildcard',
    policy: withOrigins('«https://a.*.example»', ''),
  },
  { title: 'a wildcard for every host', code: 'origin-wildcard', policy: withOrigins('«https://*»', '') },
  { title: 'a port that is none', code: 'origin-port', policy: withOrigins('«https://a.example:99999»', '') },
  {
    title: 'the default port',
    code: 'origin-default-port',
    policy: withOrigins('«https://a.example:443»', ''),
    replacement: 'https://a.example',
  },
  {
    title: 'an address with a hole',
    code: 'origin-ip',
    policy: withOrigins('«http://127.1:3000»', ''),
    replacement: 'http://127.0.0.1:3000',
  },
  { title: 'an empty label', code: 'origin-host', policy: withOrigins('«https://a..example»', '') },
  {
    title: 'two mistakes in one origin',
    code: 'origin-trailing-slash',
    policy: withOrigins('«https://A.example:443/»', ''),
    replacement: 'https://a.example',
  },
  {
    title: 'a set that does not exist',
    code: 'unknown-set',
    policy: `${withOrigins('«storefrnt»')}origins: { storefront: [https://a.example] }\n`,
    replacement: 'storefront',
  },
  {
    title: 'a set called constructor that does not exist',
    code: 'unknown-set',
    policy: withOrigins('«constructor»'),
  },
  {
    title: 'a set in a set',
    code: 'nested-set',
    policy: withTop('origins:\n  a: [https://a.example]\n  b: [«a»]'),
  },
  { title: '* in a set', code: 'any-origin-in-set', policy: withTop('origins: { s: [«"*"»] }') },
  {
    title: '* beside an origin',
    code: 'any-origin-not-alone',
    policy: withOrigins('https://a.example, «"*"»', ''),
  },
  {
    title: '* beside a set',
    code: 'any-origin-not-alone',
    policy: `${withOrigins('s, «"*"»', '')}origins: { s: [https://a.example] }\n`,
  },
  {
    title: '* with an end',
    code: 'any-origin-not-alone',
    policy: withOrigins('{ origin: «"*"», expires: 2027-01-01 }', ''),
  },
  { title: '* with credentials', code: 'any-origin-with-credentials', policy: withOrigins('«"*"»') },
  { title: 'null', code: 'null-origin', policy: withOrigins('«"null"»', '') },
  {
    title: 'null through a set',
    code: 'null-origin',
    policy: `${withOrigins('«s»', '')}origins: { s: ["null"] }\n`,
  },
  { title: 'null with credentials', code: 'null-with-credentials', policy: withOrigins('«"null"»') },
  {
    title: 'null with credentials and the switch',
    code: 'null-with-credentials',
    policy: withOrigins('«"null"»', 'allowCredentials: true\ndangerouslyAllowNullOrigin: true'),
  },
  {
    title: 'http with credentials',
    code: 'insecure-origin-with-credentials',
    policy: withOrigins('«http://a.example»'),
    replacement: 'https://a.example',
  },
  {
    title: 'a http wildcard with credentials',
    code: 'insecure-origin-with-credentials',
    policy: withOrigins('«http://*.a.example»'),
    replacement: 'https://*.a.example',
  },
  {
    title: 'http on a port with credentials',
    code: 'insecure-origin-with-credentials',
    policy: withOrigins('«http://a.example:8080»'),
  },
  {
    title: 'what only looks like loopback',
    code: 'insecure-origin-with-credentials',
    policy: withOrigins('«http://foo.alocalhost»'),
    replacement: 'https://foo.alocalhost',
  },
  {
    title: 'http with credentials through a set',
    code: 'insecure-origin-with-credentials',
    policy: `${withOrigins('«s»')}origins: { s: [https://a.example, http://b.example] }\n`,
    replacement: 'https://b.example',
  },
  { title: 'a public suffix', code: 'public-suffix-wildcard', policy: withOrigins('«https://*.co.uk»', '') },
  {
    title: 'a public suffix of the private section',
    code: 'public-suffix-wildcard',
    policy: withOrigins('«https://*.github.io»', ''),
  },
  {
    title: 'a public suffix that the list does not know',
    code: 'public-suffix-wildcard',
    policy: withOrigins('«https://*.corp»', ''),
  },
  {
    title: 'a public suffix through a set',
    code: 'public-suffix-wildcard',
    policy: `${withOrigins('«s»', '')}origins: { s: [https://*.vercel.app] }\n`,
  },
  {
    title: 'a public suffix in a set that nothing uses',
    code: 'public-suffix-wildcard',
    policy: withTop('origins: { s: [«https://*.vercel.app»] }'),
  },
  {
    title: 'a public origin that is a pattern',
    code: 'public-origin',
    policy: withTop('publicOrigins: [«https://*.a.example»]'),
  },
  {
    title: 'a public origin of an app',
    code: 'public-origin',
    policy: withTop('publicOrigins: [«capacitor://localhost»]'),
  },
]

const methodsAndHeaders: readonly RefusalCase[] = [
  {
    title: 'a list of methods in one entry',
    code: 'method-token',
    policy: withRuleOf('allowMethods: [«"GET,POST"»]'),
  },
  {
    title: 'a method that Fetch forbids',
    code: 'method-forbidden',
    policy: withRuleOf('allowMethods: [GET, «TRACE»]'),
  },
  {
    title: 'a method that Fetch forbids in any case',
    code: 'method-forbidden',
    policy: withRuleOf('allowMethods: [«connect»]'),
  },
  {
    title: 'a method in lower case',
    code: 'method-case',
    policy: withRuleOf('allowMethods: [GET, «patch»]'),
    replacement: 'PATCH',
  },
  {
    title: 'a method that no request can have',
    code: 'method-unreceivable',
    policy: withRuleOf('allowMethods: [«GETAWAY»]'),
  },
  {
    title: '* beside a method',
    code: 'any-method-not-alone',
    policy: withRuleOf('allowMethods: [GET, «"*"»]'),
  },
  {
    title: '* as a method with credentials',
    code: 'any-method-with-credentials',
    policy: withRuleOf('allowMethods: [«"*"»]\nallowCredentials: true'),
  },
  {
    title: 'a header name with a space',
    code: 'header-token',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [x-a, «x b»]'),
  },
  {
    title: 'a header that no script can set',
    code: 'header-forbidden',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [«Cookie»]'),
  },
  {
    title: 'a header of the sec- family',
    code: 'header-forbidden',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [«Sec-Foo»]'),
  },
  {
    title: 'a CORS header as a request header',
    code: 'header-cors-response',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [«Access-Control-Allow-Origin»]'),
  },
  {
    title: '* as a header with credentials',
    code: 'any-header-with-credentials',
    policy: withRuleOf('allowMethods: [GET]\nallowCredentials: true\nallowHeaders: [x-a, «"*"»]'),
  },
  {
    title: 'cookies exposed',
    code: 'expose-forbidden',
    policy: withRuleOf('allowMethods: [GET]\nexposeHeaders: [«Set-Cookie»]'),
  },
  {
    title: 'Origin exposed',
    code: 'expose-cors-header',
    policy: withRuleOf('allowMethods: [GET]\nexposeHeaders: [«Origin»]'),
  },
  {
    title: '* exposed with credentials',
    code: 'any-expose-with-credentials',
    policy: withRuleOf('allowMethods: [GET]\nallowCredentials: true\nexposeHeaders: [«"*"»]'),
  },
  {
    title: 'an age of more than a day',
    code: 'max-age-range',
    policy: withOrigins('https://a.example', 'maxAge: «25h»'),
  },
  {
    title: 'a negative age',
    code: 'max-age-range',
    policy: withOrigins('https://a.example', 'maxAge: «-2»'),
  },
  {
    title: 'an age in half seconds',
    code: 'max-age-range',
    policy: withOrigins('https://a.example', 'maxAge: «500ms»'),
  },
]

const routes: readonly RefusalCase[] = [
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

const upstreams: readonly RefusalCase[] = [
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

export const REFUSALS: readonly RefusalCase[] = [
  ...yaml,
  ...shape,
  ...origins,
  ...methodsAndHeaders,
  ...routes,
  ...upstreams,
]
