import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerOrAbsence } from '../peer.js'
import { ALLOWED, originsOf, prefixesOf } from '../policy-sizes.js'

const PROGRAM = '/usr/sbin/haproxy'

/** Origins and paths in files that it searches as trees. */
export function haproxy(): PeerOrAbsence {
  if (!existsSync(PROGRAM)) return { name: 'haproxy', absent: 'apt-get install haproxy' }
  const version = /version (\d+\.\d+\.\d+)/.exec(spawnSync(PROGRAM, ['-v'], { encoding: 'utf8' }).stdout)?.[1]
  return {
    name: 'haproxy',
    title: `HAProxy ${version}`,
    warmsUp: false,
    configure: ({ size, port, upstreamPort, dir }) => {
      const origins = join(dir, 'origins.lst')
      const prefixes = join(dir, 'prefixes.lst')
      const file = join(dir, 'haproxy.cfg')
      writeFileSync(origins, originsOf(size).join('\n'))
      writeFileSync(
        prefixes,
        prefixesOf(size)
          .map(prefix => `${prefix}/\n`)
          .join(''),
      )
      writeFileSync(
        file,
        `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout client 600s
  timeout server 600s
  timeout connect 5s
frontend api
  bind 127.0.0.1:${port}
  http-request set-var(txn.origin) req.fhdr(origin) if { req.fhdr(origin) -m str -f ${origins} }
  http-request return status 403 hdr Vary Origin if { req.fhdr(origin) -m found } !{ var(txn.origin) -m found }
  http-request return status 404 unless { path -m beg -f ${prefixes} }
  http-request return status 204 hdr Access-Control-Allow-Origin "%[var(txn.origin)]" hdr Access-Control-Allow-Methods "${ALLOWED.methods.join(', ')}" hdr Access-Control-Allow-Headers "${ALLOWED.headers.join(', ')}" hdr Access-Control-Max-Age ${ALLOWED.maxAgeSeconds} hdr Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" if METH_OPTIONS { req.fhdr(access-control-request-method) -m found }
  http-response del-header access-control- -m beg
  http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if { var(txn.origin) -m found }
  http-response set-header Access-Control-Expose-Headers "${ALLOWED.exposed.join(', ')}" if { var(txn.origin) -m found }
  http-response add-header Vary Origin
  option forwardfor
  default_backend service
backend service
  http-reuse always
  server service 127.0.0.1:${upstreamPort} pool-max-conn 512
`,
      )
      return { command: [PROGRAM, '-db', '-f', file] }
    },
  }
}
