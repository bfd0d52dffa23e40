import { Agent, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { createProxyMiddleware } from 'http-proxy-middleware'
import type { Site } from '../peer.js'
import { ALLOWED, originsOf, prefixesOf } from '../policy-sizes.js'

/** Neither has types of its own. */
const require = createRequire(import.meta.url)
const express = require('express') as () => RequestListener & {
  use(...handlers: unknown[]): void
  listen(port: number, host: string): void
}
const cors = require('cors') as (options: object) => unknown

const site = JSON.parse(process.argv[2]!) as Site
const app = express()
const origins = originsOf(site.size)
const known = new Set(origins)

app.use(
  cors({
    // A list is searched from its beginning: whoever has a long one writes the function that the README shows.
    origin:
      origins.length < 10
        ? origins
        : (origin: string | undefined, done: (error: Error | null, allow: boolean) => void) =>
            done(null, origin !== undefined && known.has(origin)),
    methods: ALLOWED.methods,
    allowedHeaders: ALLOWED.headers,
    exposedHeaders: ALLOWED.exposed,
    maxAge: ALLOWED.maxAgeSeconds,
  }),
)
// Without an agent it opens a connection for every request, and a benchmark runs out of ports.
const agent = new Agent({ keepAlive: true })
for (const prefix of prefixesOf(site.size)) {
  app.use(prefix, createProxyMiddleware({ target: `http://127.0.0.1:${site.upstreamPort}${prefix}`, agent }))
}
app.listen(site.port, '127.0.0.1')
