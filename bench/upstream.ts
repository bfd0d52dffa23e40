import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Launch } from './daemon.js'
import { NGINX_PROGRAM, nginxHttp } from './peers/nginx.js'

/**
 * The service behind the proxies: 100 bytes under `/service/N/small`, 64 KB under `/service/N/large`, and CORS headers
 * of its own for everyone, which no proxy should let through. By nginx, or by Node where there is none.
 */
export function upstream(port: number, dir: string): Launch {
  writeFileSync(join(dir, 'large'), 'x'.repeat(65_536))
  if (!existsSync(NGINX_PROGRAM)) {
    const program = fileURLToPath(new URL('servers/upstream.js', import.meta.url))
    return { command: [process.execPath, program, String(port)] }
  }
  const file = join(dir, 'upstream.conf')
  writeFileSync(
    file,
    nginxHttp(
      dir,
      `server {
    listen 127.0.0.1:${port} backlog=1024;
    default_type application/json;
${Object.entries(UPSTREAM_HEADERS)
  .map(([name, value]) => `    add_header ${name} "${value}";`)
  .join('\n')}
    location ~ ^/service/[0-9]+/small$ { return 200 "${'x'.repeat(100)}"; }
    location ~ ^/service/[0-9]+/large$ { alias ${dir}/large; }
  }`,
    ),
  )
  return { command: [NGINX_PROGRAM, '-c', file, '-p', dir, '-e', 'stderr'] }
}

export const UPSTREAM_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'x-internal',
  'Cache-Control': 'no-cache',
  'X-Request-Id': '4bf92f3577b34da6a3ce929d0e0e4736',
  'X-From-Upstream': 'yes',
}
