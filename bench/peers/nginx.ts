import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerOrAbsence } from '../peer.js'
import { ALLOWED, originsOf, prefixesOf } from '../policy-sizes.js'

export const NGINX_PROGRAM = '/usr/sbin/nginx'

/** The origins in a hashed map, the answers by `return`, the upstream's CORS headers hidden. */
export function nginx(): PeerOrAbsence {
  if (!existsSync(NGINX_PROGRAM)) return { name: 'nginx', absent: 'apt-get install nginx-light' }
  const version = /nginx\/(\S+)/.exec(spawnSync(NGINX_PROGRAM, ['-v'], { encoding: 'utf8' }).stderr)?.[1]
  return {
    name: 'nginx',
    title: `nginx ${version}`,
    warmsUp: false,
    configure: ({ size, port, upstreamPort, dir }) => {
      writeFileSync(join(dir, 'cors.conf'), CORS)
      const file = join(dir, 'nginx.conf')
      writeFileSync(
        file,
        nginxHttp(
          dir,
          `map_hash_max_size ${size.origins * 4 + 2048};
  map_hash_bucket_size 128;
  map $http_origin $verdict {
    default denied;
    "" same-origin;
${originsOf(size)
  .map(origin => `    "${origin}" allowed;\n`)
  .join('')}  }
  map $verdict $allow_origin { allowed $http_origin; }
  map $verdict $expose_headers { allowed "${ALLOWED.exposed.join(', ')}"; }
  map "$request_method:$http_access_control_request_method" $preflight { "~^OPTIONS:." 1; }
  upstream service { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
${prefixesOf(size)
  .map(prefix => `    location ${prefix}/ { include ${dir}/cors.conf; }\n`)
  .join('')}  }`,
        ),
      )
      return { command: [NGINX_PROGRAM, '-c', file, '-p', dir, '-e', 'stderr'] }
    },
  }
}

/** A whole configuration of one worker, whose connections stay open. */
export function nginxHttp(dir: string, http: string): string {
  return `daemon off; worker_processes 1; pid ${dir}/pid; error_log stderr error;
events { worker_connections 16384; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 600s; keepalive_requests 1000000000;
  client_body_buffer_size 64k;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  ${http}
}
`
}

const CORS = `if ($verdict = denied) { return 403; }
if ($preflight) {
  add_header Access-Control-Allow-Origin $allow_origin always;
  add_header Access-Control-Allow-Methods "${ALLOWED.methods.join(', ')}" always;
  add_header Access-Control-Allow-Headers "${ALLOWED.headers.join(', ')}" always;
  add_header Access-Control-Max-Age ${ALLOWED.maxAgeSeconds} always;
  add_header Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" always;
  return 204;
}
add_header Access-Control-Allow-Origin $allow_origin always;
add_header Access-Control-Expose-Headers $expose_headers always;
add_header Vary Origin always;
proxy_hide_header Access-Control-Allow-Origin;
proxy_hide_header Access-Control-Allow-Credentials;
proxy_hide_header Access-Control-Expose-Headers;
proxy_hide_header Access-Control-Allow-Methods;
proxy_hide_header Access-Control-Allow-Headers;
proxy_hide_header Access-Control-Max-Age;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $host;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_buffers 16 8k;
proxy_pass http://service;
`
