import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerOrAbsence } from '../peer.js'
import { ALLOWED, originsOf, type PolicySize, prefixesOf } from '../policy-sizes.js'
import { installed } from './installed.js'

/** The CORS filter, behind a list that refuses foreign origins. */
export function envoy(): PeerOrAbsence {
  const program = installed('envoy', 'envoy/envoy/_bin/envoy')
  if (program === undefined) return { name: 'envoy', absent: 'bench/install-peers.sh, or envoy on PATH' }
  const version = /\/(\d+\.\d+\.\d+)\//.exec(
    spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout,
  )?.[1]
  return {
    name: 'envoy',
    title: `Envoy ${version}`,
    warmsUp: false,
    tooLarge:
      'its CORS filter compares an origin with one entry after the other, 100,000 of them for every request',
    configure: ({ size, port, upstreamPort, dir }) => {
      const file = join(dir, 'envoy.json')
      writeFileSync(file, JSON.stringify(bootstrap(size, port, upstreamPort)))
      return { command: [program, '-c', file, '--concurrency', '1', '--disable-hot-restart', '-l', 'error'] }
    },
  }
}

function bootstrap(size: PolicySize, port: number, upstreamPort: number): object {
  const exactly = originsOf(size).map(exact => ({ exact }))
  return {
    static_resources: {
      listeners: [
        {
          address: address(port),
          filter_chains: [
            {
              filters: [
                {
                  name: 'http',
                  typed_config: {
                    '@type': `${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
                    stat_prefix: 'api',
                    codec_type: 'HTTP1',
                    use_remote_address: true,
                    http_filters: [
                      { name: 'envoy.filters.http.rbac', typed_config: refusing(exactly) },
                      {
                        name: 'envoy.filters.http.cors',
                        typed_config: { '@type': `${TYPES}.filters.http.cors.v3.Cors` },
                      },
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: { '@type': `${TYPES}.filters.http.router.v3.Router` },
                      },
                    ],
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'api',
                          domains: ['*'],
                          typed_per_filter_config: { 'envoy.filters.http.cors': corsPolicy(exactly) },
                          response_headers_to_remove: CORS_HEADERS,
                          response_headers_to_add: [{ header: { key: 'Vary', value: 'Origin' } }],
                          routes: prefixesOf(size).map(prefix => ({
                            match: { prefix: `${prefix}/` },
                            route: { cluster: 'service' },
                          })),
                        },
                      ],
                    },
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'service',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'service',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstreamPort) } }] }],
          },
        },
      ],
    },
  }
}

function corsPolicy(origins: readonly object[]): object {
  return {
    '@type': `${TYPES}.filters.http.cors.v3.CorsPolicy`,
    allow_origin_string_match: origins,
    allow_methods: ALLOWED.methods.join(', '),
    allow_headers: ALLOWED.headers.join(', '),
    expose_headers: ALLOWED.exposed.join(', '),
    max_age: String(ALLOWED.maxAgeSeconds),
  }
}

function refusing(origins: readonly object[]): object {
  const listed = origins.map(match => ({ header: { name: 'origin', string_match: match } }))
  return {
    '@type': `${TYPES}.filters.http.rbac.v3.RBAC`,
    rules: {
      action: 'DENY',
      policies: {
        foreign: {
          permissions: [{ any: true }],
          principals: [
            {
              and_ids: {
                ids: [
                  { header: { name: 'origin', present_match: true } },
                  { not_id: { or_ids: { ids: listed } } },
                ],
              },
            },
          ],
        },
      },
    },
  }
}

function address(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}

const TYPES = 'type.googleapis.com/envoy.extensions'
const CORS_HEADERS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
]
