import fc from 'fast-check'

// Policies from few names, so that two of them often speak of the same things, and samples on and beside each name.

export const HOSTS = ['api.example', 'x.api.example', 'other.example']
export const PATHS = ['/', '/a', '/a/', '/a/b', '/a/b/c', '/a/x', '/a/x/c', '/b', '/b/c', '/b/b/c', '/z/y']
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH']
export const ORIGINS = [
  'https://a.test',
  'http://a.test',
  'https://a.test:8443',
  'https://a.test:9000',
  'https://b.a.test',
  'https://b.a.test:8443',
  'https://c.b.a.test',
  'https://c.b.a.test:9000',
  'https://d.c.b.a.test:8443',
  'https://nota.test',
  'https://a.test.evil.test',
  'https://evil.test',
  'capacitor://localhost',
  'null',
  'https://A.test',
  'https://a.test/',
]

const ENTRIES = [
  'https://a.test',
  'http://a.test',
  'https://a.test:8443',
  'https://b.a.test',
  'https://c.b.a.test',
  'https://*.a.test',
  'https://*.b.a.test',
  'https://a.test:*',
  'https://*.a.test:8443',
  'https://*.b.a.test:*',
  'capacitor://localhost',
]
const ROUTE_PATHS = ['/**', '/a', '/a/', '/a/**', '/a/*', '/a/*/c', '/*/b/**', '/b/**', '/*']
const ROUTE_HOSTS = [undefined, ['api.example'], ['*.api.example'], ['api.example', 'other.example']]

const some = <T>(values: readonly T[], most: number) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: most })

const entry = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ENTRIES) },
  {
    weight: 1,
    arbitrary: fc.record({
      origin: fc.constantFrom(...ENTRIES),
      expires: fc.constantFrom('2026-12-31', '2020-01-01', '2099-01-01'),
    }),
  },
)

const rule = fc
  .record({
    everyone: fc.integer({ min: 0, max: 9 }).map(number => number === 0),
    allowOrigins: fc.array(entry, { minLength: 1, maxLength: 4 }),
    allowMethods: fc.oneof(
      { weight: 6, arbitrary: some(['GET', 'POST', 'PUT'], 3) },
      { weight: 1, arbitrary: fc.constant(['*']) },
    ),
    allowHeaders: some(['x-a', 'x-b', 'authorization'], 2),
    exposeHeaders: fc.option(some(['x-c', 'etag'], 2), { nil: undefined }),
    allowCredentials: fc.boolean(),
    maxAge: fc.constantFrom(undefined, 0, 600),
  })
  .map(({ everyone, allowCredentials, ...fields }) => ({
    ...fields,
    allowOrigins: everyone ? ['*'] : fields.allowOrigins,
    // What a policy refuses would only be thrown away.
    allowCredentials: allowCredentials && !everyone && !fields.allowMethods.includes('*'),
    dangerouslyAllowInsecureOrigins: allowCredentials,
  }))

const route = fc.record({
  path: fc.constantFrom(...ROUTE_PATHS),
  hosts: fc.constantFrom(...ROUTE_HOSTS),
  cors: fc.array(rule, { maxLength: 3 }),
  onDenied: fc.constantFrom('block', 'strip'),
  mode: fc.integer({ min: 0, max: 9 }).map(number => (number === 0 ? 'report' : 'enforce')),
})

/** The routes of a policy, none of which match the same requests. */
export const generatedRoutes = fc
  .uniqueArray(route, { minLength: 1, maxLength: 5, selector: ({ path }) => path })
  .map(routes =>
    routes.map(fields => ({ id: `r${ROUTE_PATHS.indexOf(fields.path)}`, upstream: 'u', ...fields })),
  )

/** The text of a policy. JSON is YAML. */
export function generatedPolicy(): fc.Arbitrary<string> {
  return generatedRoutes.map(routes =>
    JSON.stringify({ version: 1, upstreams: { u: { url: 'http://u.internal' } }, routes }, null, 1),
  )
}
