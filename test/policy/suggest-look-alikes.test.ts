import t from 'tap'
import { craftOrigins } from '../../src/attack/crafted-origins.js'
import { parseOrigin } from '../../src/cors/origins/origin.js'
import { compilePolicy } from '../../src/policy/compiled/compile.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { LookAlikes } from '../../src/policy/suggestions/look-alikes.js'
import { suggestOrigins } from '../../src/policy/suggestions/suggest-origins.js'

const ENTRIES = [
  'https://www.shop.example',
  'https://*.preview.acme.co.uk',
  'https://bank.com:8443',
  'https://ab.example',
  'https://my-shop.dev',
]
const SOURCES = [
  {
    file: 'policy.yaml',
    text: `version: 1
upstreams:
  api: { url: http://127.0.0.1:9 }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    mode: report
    cors:
      - allowOrigins: [${ENTRIES.map(entry => JSON.stringify(entry)).join(', ')}]
        allowMethods: [GET]
        allowCredentials: true
`,
  },
]
const { policy: resolved } = resolvePolicy(SOURCES)
const policy = compilePolicy(resolved!)
const lookAlikes = new LookAlikes(policy)

const ALIKE: readonly (readonly [host: string, how: RegExp])[] = [
  ['www.shop.example.evil.com', /^begins with www\.shop\.example$/],
  ['shop.example.evil.com', /^begins with shop\.example$/],
  ['www.shop.exampleevil.com', /^begins with/],
  ['www.shop.example-.evil.com', /^begins with/],
  ['login.bank.com.evil.net', /^contains bank\.com$/],
  ['loginbank.com.evil.net', /^contains bank\.com$/],
  ['wwwshop.example', /^ends with shop\.example$/],
  ['my-shop.example', /^ends with shop\.example$/],
  ['www.sh0p.example', /look-alike letters/],
  ['s-hop.example', /hyphens/],
  ['acrne.co.uk', /look-alike letters/],
  ['shops.example', /one letter from shop\.example/],
  ['shap.example', /one letter from/],
  ['hsop.example', /one letter from/],
  ['hop.example', /one letter from/],
  ['acmexco.uk', /one letter from acme\.co\.uk/],
  ['www.shop.com', /shop\.example under another ending/],
  ['acme.com', /acme\.co\.uk under another ending/],
  ['preview.acme.co.u', /cut short/],
  ['www.shop-example.com', /^has the words of shop\.example$/],
  ['bank-com.net', /^has the words of bank\.com$/],
  ['www.my.shop.evil.net', /^has the words of my-shop\.dev$/],
  ['my-shop-login.com', /^has the words of my-shop\.dev$/],
  ['login.my-shop.evil.com', /^has the words of my-shop\.dev$/],
  ['ab.com', /ab\.example under another ending/],
]
const OTHERS = [
  'app.partner.example',
  'api.shop.example',
  'shop.example',
  'acme.preview.acme.co.uk',
  'workshops.example.org',
  'old.example',
  'cb.example',
  'x.example',
  'bankofnowhere.com',
  'bank-of-nowhere.com',
  'shop.partner.com',
  'xn--shp-0ra.other.example',
]

t.test('what looks like an entry, and how', async t => {
  for (const [host, how] of ALIKE) t.match(lookAlikes.find(host), how, host)
  for (const host of OTHERS) t.equal(lookAlikes.find(host), undefined, host)
})

t.test(
  "none of the scanner's payloads is suggested, but for names of the owner's and of strangers'",
  async t => {
    const targets = [
      { scheme: 'https', host: 'www.shop.example', port: '', site: 'shop.example', suffix: 'example' },
      { scheme: 'https', host: 'bank.com', port: '8443', site: 'bank.com', suffix: 'com' },
      { scheme: 'https', host: 'preview.acme.co.uk', port: '', site: 'acme.co.uk', suffix: 'co.uk' },
    ]
    const crafted = targets.flatMap(target => craftOrigins(target, 'attacker.net'))
    const denials = crafted.map(({ origin }) => ({
      origin,
      route: 'orders',
      reason:
        parseOrigin(origin) === undefined && origin !== 'null' ? 'origin-malformed' : 'origin-not-allowed',
      enforced: false,
      hint: undefined,
      count: 9,
      firstSeen: '2026-01-01T00:00:00.000Z',
      lastSeen: '2026-01-01T00:00:00.000Z',
      methods: new Set(['GET']),
      headers: new Set<string>(),
      path: '/orders/1',
      host: 'api.example',
      preflight: true,
      opened: false,
    }))
    const granted = {
      allowedOrigins: new Set(['*']),
      credentialsTo: new Set<string>(),
      exposed: new Set<string>(),
    }
    const options = { minimum: 3, now: Date.UTC(2026, 0, 2), includeEnforced: false, includeUngranted: false }
    const { suggested, refused } = suggestOrigins(
      denials,
      new Map([['orders', granted]]),
      SOURCES,
      policy,
      options,
    )
    const classes = new Map(crafted.map(({ origin, class: name }) => [origin, name]))
    const let_in = new Set(suggested.map(({ origin }) => classes.get(origin)))
    t.same(
      [...let_in].filter(name => !HARMLESS.has(String(name))),
      [],
      suggested.map(({ origin }) => origin).join(' '),
    )
    t.ok(refused.length > 100, `${refused.length} are refused`)
  },
)

// A stranger's own name, or another name of an owner who is in the policy.
const HARMLESS = new Set(['foreign', 'sibling', 'subdomain', 'port', 'special-label'])
