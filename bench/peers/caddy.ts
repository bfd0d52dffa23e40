import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerOrAbsence } from '../peer.js'
import { ALLOWED, originsOf, prefixesOf } from '../policy-sizes.js'

const PROGRAM = '/usr/bin/caddy'

export function caddy(): PeerOrAbsence {
  if (!existsSync(PROGRAM)) return { name: 'caddy', absent: 'apt-get install caddy' }
  const version = spawnSync(PROGRAM, ['version'], { encoding: 'utf8' }).stdout.trim().split(' ')[0]
  return {
    name: 'caddy',
    title: `Caddy ${version?.replace(/^v/, '')}`,
    warmsUp: false,
    configure: ({ size, port, upstreamPort, dir }) => {
      const file = join(dir, 'Caddyfile')
      const origins = originsOf(size)
        .map(origin => `      header Origin ${origin}`)
        .join('\n')
      writeFileSync(
        file,
        `{
  admin off
  auto_https off
  storage file_system ${dir}
  servers {
    timeouts {
      idle 10m
    }
  }
}
http://:${port} {
  bind 127.0.0.1
  header +Vary Origin
  @foreign {
    header Origin *
    not {
${origins}
    }
  }
  @preflight {
    method OPTIONS
    header Origin *
    header Access-Control-Request-Method *
  }
  @cross header Origin *
  handle @foreign {
    respond 403
  }
  handle @preflight {
    header {
      Access-Control-Allow-Origin {http.request.header.Origin}
      Access-Control-Allow-Methods "${ALLOWED.methods.join(', ')}"
      Access-Control-Allow-Headers "${ALLOWED.headers.join(', ')}"
      Access-Control-Max-Age ${ALLOWED.maxAgeSeconds}
      +Vary "Access-Control-Request-Method, Access-Control-Request-Headers"
    }
    respond 204
  }
${prefixesOf(size)
  .map(
    prefix => `  handle ${prefix}/* {
    header @cross Access-Control-Allow-Origin {http.request.header.Origin}
    header @cross Access-Control-Expose-Headers "${ALLOWED.exposed.join(', ')}"
    reverse_proxy 127.0.0.1:${upstreamPort} {
      header_down -Access-Control-*
      transport http {
        keepalive_idle_conns_per_host 256
      }
    }
  }
`,
  )
  .join('')}}
`,
      )
      return {
        command: [PROGRAM, 'run', '--config', file, '--adapter', 'caddyfile'],
        env: { GOMAXPROCS: '1', HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir },
      }
    },
  }
}
