/**
 * A policy whose routes overlap in every way: each asks for a name in one place and for none in the others, so that there
 * is a path for every subset of them.
 */
export function overlappingRoutes(count: number, methods: string, more = ''): string {
  const places = Array.from({ length: count }, (_, place) => place)
  const route = (own: number) => {
    const path = places.map(place => (place === own ? `x${own}` : '*')).join('/')
    return `  - { id: r${own}, path: /${path}, upstream: u, cors: [{ allowOrigins: [https://a.example], allowMethods: [${methods}] }] }\n`
  }
  return `version: 1
upstreams: { u: { url: "http://127.0.0.1:9" } }
routes:
${places.map(route).join('')}${more}`
}
