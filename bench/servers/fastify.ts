import fastifyCors from '@fastify/cors'
import fastifyHttpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import type { Site } from '../peer.js'
import { ALLOWED, originsOf, prefixesOf } from '../policy-sizes.js'

const site = JSON.parse(process.argv[2]!) as Site
const app = Fastify()
const origins = originsOf(site.size)
const known = new Set(origins)

await app.register(fastifyCors, {
  // A list is searched from its beginning: whoever has a long one writes the function that the README shows.
  origin:
    origins.length < 10
      ? [...origins]
      : (origin: string | undefined, done: (error: Error | null, allow: boolean) => void) =>
          done(null, origin !== undefined && known.has(origin)),
  methods: [...ALLOWED.methods],
  allowedHeaders: [...ALLOWED.headers],
  exposedHeaders: [...ALLOWED.exposed],
  maxAge: ALLOWED.maxAgeSeconds,
})
for (const prefix of prefixesOf(site.size)) {
  await app.register(fastifyHttpProxy, {
    upstream: `http://127.0.0.1:${site.upstreamPort}`,
    prefix,
    rewritePrefix: prefix,
    http2: false,
  })
}
await app.listen({ host: '127.0.0.1', port: site.port })
