import { LONGEST_WAIT, MILLISECONDS, parseDuration } from '../../syntax/duration.js'
import {
  childOf,
  type Field,
  fieldOf,
  fieldPositions,
  fieldsOf,
  flagOf,
  numberOf,
  textOf,
  type YamlNode,
} from '../parse/yaml-tree.js'
import type { Position } from '../problems/problem.js'
import type { ProblemList } from '../problems/problem-list.js'
import { positionOf } from '../problems/source.js'
import type { ResolvedUpstream, UpstreamTimeouts, UpstreamTls } from '../resolved/resolved-policy.js'
import { type AuthoredTimeouts, type AuthoredTls, type AuthoredUpstream, DEFAULTS } from '../schema/schema.js'
import { resolveUpstreamUrl } from './upstream-url.js'

/** Resolves the upstreams by name, leaving out those without a usable url. */
export function resolveUpstreams(
  upstreams: YamlNode | undefined,
  problems: ProblemList,
): ReadonlyMap<string, ResolvedUpstream> {
  const resolved = new Map<string, ResolvedUpstream>()
  for (const [name, field] of fieldsOf(upstreams)) {
    const upstream = resolveUpstream(name, field, problems)
    if (upstream !== undefined) resolved.set(name, upstream)
  }
  return resolved
}

function resolveUpstream(
  name: string,
  { key, value }: Field,
  problems: ProblemList,
): ResolvedUpstream | undefined {
  const urlNode = childOf<AuthoredUpstream>(value, 'url')
  const text = textOf(urlNode)
  const url =
    urlNode === undefined || text === undefined ? undefined : resolveUpstreamUrl(urlNode, text, problems)
  const tls = resolveTls(fieldOf<AuthoredUpstream>(value, 'tls'), url?.origin, problems)
  const timeouts = resolveTimeouts(childOf<AuthoredUpstream>(value, 'timeouts'), problems)
  const preserveHost = flagOf(childOf<AuthoredUpstream>(value, 'preserveHost')) ?? DEFAULTS.preserveHost
  if (url === undefined) return undefined
  return {
    name,
    ...url,
    tls,
    timeouts,
    connections: numberOf(childOf<AuthoredUpstream>(value, 'connections')) ?? DEFAULTS.connections,
    queue: numberOf(childOf<AuthoredUpstream>(value, 'queue')) ?? DEFAULTS.queue,
    ...(preserveHost && { preserveHost }),
    position: positionOf(key),
    fields: new Map(
      [value, childOf<AuthoredUpstream>(value, 'tls')].flatMap(node => [...fieldsWritten(node)]),
    ),
  }
}

function fieldsWritten(node: YamlNode | undefined): Iterable<[string, Position]> {
  return node === undefined ? [] : fieldPositions(node)
}

function resolveTls(
  field: Field | undefined,
  origin: string | undefined,
  problems: ProblemList,
): UpstreamTls {
  const tls = field?.value
  const get = (name: keyof AuthoredTls) => childOf<AuthoredTls>(tls, name)
  if (field !== undefined && origin?.startsWith('http:')) {
    problems.error('tls-on-http', field.key, '`tls` has no effect on an http url', {
      suggestion: 'write the url with https, or remove `tls`',
    })
  }
  refuseHalfPair(tls, problems)
  const ca = textOf(get('ca'))
  const cert = textOf(get('cert'))
  const key = textOf(get('key'))
  const serverName = textOf(get('serverName'))
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    dangerouslySkipVerify: flagOf(get('dangerouslySkipVerify')) ?? false,
  }
}

function refuseHalfPair(tls: YamlNode | undefined, problems: ProblemList): void {
  const cert = fieldOf<AuthoredTls>(tls, 'cert')
  const key = fieldOf<AuthoredTls>(tls, 'key')
  if (cert !== undefined && key === undefined) {
    problems.error('tls-cert-without-key', cert.key, 'a client certificate needs its key', {
      suggestion: 'add `key`',
    })
  }
  if (key !== undefined && cert === undefined) {
    problems.error('tls-key-without-cert', key.key, 'a key needs its client certificate', {
      suggestion: 'add `cert`',
    })
  }
}

function resolveTimeouts(node: YamlNode | undefined, problems: ProblemList): UpstreamTimeouts {
  const own = (name: keyof AuthoredTimeouts) =>
    resolveTimeout(childOf<AuthoredTimeouts>(node, name), problems)
  const get = (name: keyof typeof DEFAULTS.timeouts) =>
    own(name) ?? (parseDuration(DEFAULTS.timeouts[name], MILLISECONDS) as number)
  const total = own('total')
  return {
    connect: get('connect'),
    headers: get('headers'),
    idle: get('idle'),
    ...(total === undefined ? {} : { total }),
  }
}

function resolveTimeout(node: YamlNode | undefined, problems: ProblemList): number | undefined {
  const milliseconds = parseDuration(numberOf(node) ?? textOf(node) ?? '', MILLISECONDS)
  if (node === undefined || milliseconds === undefined) return undefined
  if (milliseconds >= 1 && milliseconds <= LONGEST_WAIT) return milliseconds
  problems.error('duration-range', node, 'a timeout is from 1ms to 24h; none can be turned off', {
    suggestion: 'write what the slowest good request needs, such as 60s',
  })
  return undefined
}
