/** The policy of the promises: 1,000 routes and 100,000 origins, in one shared set or in a list in every rule. */
export const LARGE = { routes: 1000, origins: 100_000 }

export function oneSet(upstream: string, mark = 'site'): string {
  const origins = Array.from(
    { length: LARGE.origins },
    (_, index) => `    - https://${mark}-${index}.customers.shop.example\n`,
  )
  return `${head(upstream)}origins:\n  customers:\n${origins.join('')}routes:\n${routes(() => '[customers]')}`
}

export function manyLists(upstream: string, mark = 'site'): string {
  const list = (route: number) =>
    Array.from(
      { length: LARGE.origins / LARGE.routes },
      (_, index) => `\n          - https://${mark}-${route}-${index}.shop.example`,
    ).join('')
  return `${head(upstream)}routes:\n${routes(list)}`
}

function head(upstream: string): string {
  return `version: 1\nupstreams: { u: { url: "${upstream}" } }\n`
}

function routes(origins: (route: number) => string): string {
  const one = (index: number) => `  - id: r${index}
    hosts: [api.shop.example]
    path: /service/${index}/**
    upstream: u
    cors:
      - allowMethods: [GET, POST]
        allowHeaders: [content-type]
        maxAge: 10m
        allowOrigins: ${origins(index)}
`
  return Array.from({ length: LARGE.routes }, (_, index) => one(index)).join('')
}
