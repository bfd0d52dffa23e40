//   node scripts/bundle-serve.mjs [DIST]
//
// Puts `serve` and the libraries that it reads into a few files, in place of dist/cli/serve.js: finding and reading 800 files is
// most of the time to the first answer. For images, where what is bundled is what lies in node_modules beside it.
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild-wasm'

const DIST = resolve(process.argv[2] ?? resolve(dirname(fileURLToPath(import.meta.url)), '..', 'dist'))
const OUT = resolve(DIST, 'cli')

// A file names others by its own URL (a thread, package.json, a library that is read late): those stay where they are.
const urlsStay = {
  name: 'urls-stay',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/.*\.js$/ }, async ({ path }) => {
      if (!path.startsWith(`${DIST}/`)) return undefined
      const place = JSON.stringify(relative(OUT, path))
      const text = await readFile(path, 'utf8')
      return { contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`) }
    })
  },
}

await build({
  entryPoints: { serve: resolve(OUT, 'serve.js') },
  outdir: OUT,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  chunkNames: 'serve-[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'inline',
  // main.ts adds the command to its own program, and the peers are the user's.
  external: ['commander', '@fastify/otel', '@opentelemetry/api'],
  // What libraries in CommonJS require of Node itself.
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  plugins: [urlsStay],
  logLevel: 'warning',
})
