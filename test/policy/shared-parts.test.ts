import t from 'tap'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'

const RULE = {
  allowOrigins: ['a'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['x-a'],
  exposeHeaders: ['x-b'],
  maxAge: '1m',
}
const ROUTE = { upstream: 'api', cors: [RULE] }

// Each differs from ROUTE in one thing that a decision depends on.
const OTHERS: Readonly<Record<string, object>> = {
  origins: { cors: [{ ...RULE, allowOrigins: ['b'] }] },
  'order of origins': { cors: [{ ...RULE, allowOrigins: ['b', 'a'] }] },
  methods: { cors: [{ ...RULE, allowMethods: ['GET'] }] },
  'order of methods': { cors: [{ ...RULE, allowMethods: ['POST', 'GET'] }] },
  'any method': { cors: [{ ...RULE, allowMethods: ['*'] }] },
  headers: { cors: [{ ...RULE, allowHeaders: ['x-a', 'x-c'] }] },
  'any header': { cors: [{ ...RULE, allowHeaders: ['x-a', '*'] }] },
  exposed: { cors: [{ ...RULE, exposeHeaders: [] }] },
  'any exposed': { cors: [{ ...RULE, exposeHeaders: ['*'] }] },
  credentials: { cors: [{ ...RULE, allowCredentials: true }] },
  'max age': { cors: [{ ...RULE, maxAge: '2m' }] },
  'no max age': { cors: [{ ...RULE, maxAge: undefined }] },
  'private network': { cors: [{ ...RULE, allowPrivateNetwork: true }] },
  timing: { cors: [{ ...RULE, allowTiming: true }] },
  'any origin': { cors: [{ ...RULE, allowOrigins: ['*'] }] },
  'no rule': { cors: [] },
  'two rules': { cors: [RULE, { ...RULE, allowOrigins: ['b'] }] },
  strip: { onDenied: 'strip' },
  report: { mode: 'report' },
  websocket: { websocket: true },
  isolate: { fetchMetadata: 'isolate' },
}

t.test('routes share what they have in common, and nothing else', async t => {
  const routes = [
    { ...ROUTE, id: 'one', path: '/one/**' },
    { ...ROUTE, id: 'other', path: '/other/**', hosts: ['api.example'], replacePrefix: '/x' },
    ...Object.entries(OTHERS).map(([what, other], index) => ({
      ...ROUTE,
      ...other,
      id: what.replaceAll(' ', '-'),
      path: `/r${index}/**`,
    })),
  ]
  const text = JSON.stringify({
    version: 1,
    upstreams: { api: { url: 'http://127.0.0.1:9' } },
    origins: { a: ['https://a.example'], b: ['https://b.example'] },
    routes,
  })
  const { policy, problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  t.same(
    problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  )
  const [one, other, ...others] = policy!.routes.map(({ corsPolicy }) => corsPolicy)
  t.equal(other, one, 'whatever their host, path and upstream')
  for (const [index, what] of Object.keys(OTHERS).entries()) t.not(others[index], one, what)
  t.equal(new Set(others).size, others.length)
})
