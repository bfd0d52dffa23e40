import { withOrigins, withRoute, withRule, withRuleOf, withTop, withUpstream } from '../marked-policy.js'

/** A lint rule with a policy that it finds something in, at the marks, and one as near as possible that it does not. */
export interface LintCase {
  readonly code: string
  readonly catching: string
  readonly passing: string
}

const HOST = 'https://a.example'
const OURS = 'origins: { ours: [https://b.example, https://*.a.example] }\n'
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `https://s${index}.example`).join(', ')
const routes = (lines: string) =>
  `version: 1\nupstreams: { u: { url: http://u.internal } }\nroutes:\n${lines}\n`

/** Decided on 2027-01-01. */
export const LINT_CASES: readonly LintCase[] = [
  {
    code: 'address-origin',
    catching: withOrigins('«https://192.0.2.7»', ''),
    passing: withOrigins('https://127.0.0.1:8443', ''),
  },
  {
    code: 'allow-options',
    catching: withRule('allowOrigins: [https://a.example]\n«allowMethods: [GET, OPTIONS]»'),
    passing: withRule('allowOrigins: [https://a.example]\nallowMethods: [GET, PUT]'),
  },
  {
    code: 'attack-shared-suffix',
    catching: withOrigins('«https://*.github.io»', 'dangerouslyAllowPublicSuffix: true'),
    passing: withOrigins('https://*.a.github.io', ''),
  },
  {
    code: 'attack-shared-suffix',
    catching: withOrigins('«https://*.stackblitz.io»', 'dangerouslyAllowPublicSuffix: true'),
    passing: withOrigins('https://*.a.stackblitz.io', ''),
  },
  {
    code: 'credentials-many-origins',
    catching: withOrigins(many(21), '«allowCredentials: true»'),
    passing: withOrigins(many(20)),
  },
  {
    code: 'dangerous-switch',
    catching: withOrigins('"null"', '«dangerouslyAllowNullOrigin: true»'),
    passing: withOrigins(HOST),
  },
  {
    code: 'dangerous-switch',
    catching: withUpstream('url: https://u.internal\ntls: { dangerouslySkipVerify: true }'),
    passing: withUpstream('url: https://u.internal'),
  },
  {
    code: 'entry-expired',
    catching: withOrigins(`{ origin: «${HOST}», expires: 2026-12-31 }`, ''),
    passing: withOrigins(`{ origin: ${HOST}, expires: 2027-01-01 }`, ''),
  },
  {
    code: 'entry-expires-soon',
    catching: withOrigins(`{ origin: «${HOST}», expires: 2027-01-30 }`, ''),
    passing: withOrigins(`{ origin: ${HOST}, expires: 2027-01-31 }`, ''),
  },
  {
    code: 'expose-any',
    catching: withRuleOf('allowMethods: [GET]\n«exposeHeaders: ["*"]»'),
    passing: withRuleOf('allowMethods: [GET]\nexposeHeaders: [etag]'),
  },
  {
    code: 'http-origin',
    catching: withOrigins('«http://a.example»', ''),
    passing: withOrigins('http://localhost', ''),
  },
  {
    code: 'loopback-origin',
    catching: withOrigins('«http://localhost:3000»', ''),
    passing: withOrigins(HOST),
  },
  {
    code: 'max-age-over-cap',
    catching: withRuleOf('allowMethods: [GET]\n«maxAge: 7201»'),
    passing: withRuleOf('allowMethods: [GET]\nmaxAge: 2h'),
  },
  {
    code: 'origin-twice',
    catching: withOrigins(`${HOST}, https://b.example, «${HOST}»`),
    passing: withOrigins(`${HOST}, http://a.example, ${HOST}:8443`, ''),
  },
  {
    code: 'path-one-segment',
    catching: withRoute('«path: /a/*»'),
    passing: withRoute('path: /a/*/b'),
  },
  {
    code: 'path-one-segment',
    catching: routes('  - { id: one, «path: /a/*», upstream: u }\n  - { id: b, path: /a/b/**, upstream: u }'),
    passing: routes('  - { id: one, path: /a/*, upstream: u }\n  - { id: all, path: /a/**, upstream: u }'),
  },
  {
    code: 'path-placeholder',
    catching: withRoute('«path: "/orders/:id"»'),
    passing: withRoute('path: "/orders/v1:id"'),
  },
  {
    code: 'path-placeholder',
    catching: withRoute('«path: "/orders/{id}/items"»'),
    passing: withRoute('path: "/orders/*/items"'),
  },
  {
    code: 'path-placeholder',
    catching: withRoute('«path: "/files/<int:id>"»'),
    passing: withRoute('path: "/files/id"'),
  },
  {
    code: 'path-root-only',
    catching: routes('  - { id: one, «path: /», upstream: u }\n  - { id: b, path: /b/**, upstream: u }'),
    passing: routes('  - { id: one, path: /, upstream: u }\n  - { id: b, path: /**, upstream: u }'),
  },
  {
    code: 'preserve-host-any',
    catching: withUpstream('url: http://u.internal\npreserveHost: true').replace('upstream: u', '«$&»'),
    passing: withUpstream('url: http://u.internal\npreserveHost: true').replace(
      'upstream: u',
      '$&, hosts: [a.example]',
    ),
  },
  {
    code: 'report-mode',
    catching: withRoute('path: /**\n«mode: report»'),
    passing: withRoute('path: /**\nmode: enforce'),
  },
  {
    code: 'report-websocket',
    catching: withRoute('path: /**\n«mode: report»'),
    passing: withRoute('path: /**\nmode: report\nwebsocket: true'),
  },
  {
    code: 'report-websocket',
    catching: withTop('defaults: { mode: report }'),
    passing: withRoute('path: /**\nmode: report\nwebsocket: false'),
  },
  {
    code: 'route-unreachable',
    catching: routes(`  - { id: all, «path: /a/**», upstream: u }
  - { id: one, path: /a, upstream: u }
  - { id: slash, path: /a/, upstream: u }
  - { id: rest, path: /a/*/**, upstream: u }`),
    // Nothing else holds /a/.
    passing: routes(`  - { id: all, path: /a/**, upstream: u }
  - { id: one, path: /a, upstream: u }
  - { id: rest, path: /a/*/**, upstream: u }`),
  },
  {
    code: 'rule-shadowed',
    catching: routes(`  - id: a
    path: /**
    upstream: u
    cors:
      - { allowOrigins: ["*"], allowMethods: [GET] }
      - «{ allowOrigins: [${HOST}], allowMethods: [GET] }»`),
    passing: routes(`  - id: a
    path: /**
    upstream: u
    cors:
      - { allowOrigins: [${HOST}], allowMethods: [GET] }
      - { allowOrigins: ["*"], allowMethods: [GET] }`),
  },
  {
    code: 'rule-shadowed',
    catching: routes(`  - id: a
    path: /**
    upstream: u
    cors:
      - { allowOrigins: [https://*.a.example, https://b.example], allowMethods: [GET] }
      - { allowOrigins: [https://*.c.a.example, https://x.a.example, https://b.example], allowMethods: [PUT] }`),
    // The earlier entry ends before the later one does.
    passing: routes(`  - id: a
    path: /**
    upstream: u
    cors:
      - { allowOrigins: [{ origin: https://b.example, expires: 2027-06-01 }], allowMethods: [GET] }
      - { allowOrigins: [https://b.example], allowMethods: [PUT] }`),
  },
  {
    code: 'set-unused',
    catching: withTop(`origins: { «nobody»: [${HOST}] }`),
    passing: `${withOrigins('somebody')}origins: { somebody: [${HOST}] }\n`,
  },
  ...['codepen.io', 'null.jsbin.com', 'cdpn.io:*', 'github.io', 'vercel.app', 'glitch.me', 'co.uk'].map(
    host => ({
      code: 'shared-host',
      catching: withOrigins(`«"https://${host}"»`),
      // Tenants, and a host of one's own network, which no list has.
      passing: withOrigins('https://mine.github.io, https://mine.glitch.me, https://intranet'),
    }),
  ),
  {
    code: 'upstream-unused',
    catching: routes('  - { id: a, path: /**, upstream: u }').replace(
      'upstreams: {',
      'upstreams: { «old»: { url: http://old.internal },',
    ),
    passing: routes('  - { id: a, path: /**, upstream: u }'),
  },
  ...['amazonaws.com', 'windows.net', 'eu-west-1.amazonaws.com'].map(host => ({
    code: 'wildcard-above-shared-suffix',
    catching: withOrigins(`«https://*.${host}»`),
    // A name of one's own below the suffix; and the same host, but without a wildcard.
    passing: withOrigins(`https://*.mine.s3.amazonaws.com, https://${host}`),
  })),
  {
    code: 'wildcard-with-credentials',
    catching: withOrigins('https://b.example, «https://*.a.example», https://*.c.example'),
    passing: withOrigins('https://*.a.example', 'allowCredentials: false'),
  },
  {
    code: 'wildcard-with-credentials',
    catching: withRule('«allowOrigins: [ours]»\nallowMethods: [GET]\nallowCredentials: true').concat(OURS),
    passing: withRule('allowOrigins: [ours]\nallowMethods: [GET]').concat(OURS),
  },
]
