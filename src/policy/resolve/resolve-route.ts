import {
  childOf,
  fieldPositions,
  flagOf,
  itemsOf,
  scalarText,
  textOf,
  type YamlNode,
} from '../parse/yaml-tree.js'
import { positionOf } from '../problems/source.js'
import { nearest } from '../problems/suggest.js'
import type {
  HostPattern,
  PathSegment,
  ResolvedRoute,
  ResolvedUpstream,
} from '../resolved/resolved-policy.js'
import { isPathPrefix } from '../routes/canonical-path.js'
import { resolveHostPattern } from '../routes/host-pattern.js'
import { resolvePathPattern } from '../routes/path-pattern.js'
import { type AuthoredDefaults, type AuthoredRoute, DEFAULTS } from '../schema/schema.js'
import { resolveLastDay } from './resolve-origin.js'
import { type RuleContext, resolveRule } from './resolve-rule.js'

/** What routes share, besides what their rules share. */
export interface RouteContext extends RuleContext {
  readonly upstreams: ReadonlyMap<string, ResolvedUpstream>
  /** Every name that is defined, also those of upstreams with a problem of their own. */
  readonly upstreamNames: ReadonlySet<string>
  readonly defaults: YamlNode | undefined
}

/** Resolves one route, after looking at all of it; undefined where a problem leaves no route. */
export function resolveRoute(node: YamlNode, context: RouteContext): ResolvedRoute | undefined {
  const get = (name: keyof AuthoredRoute) => childOf<AuthoredRoute>(node, name)
  const id = textOf(get('id'))
  const path = textOf(get('path'))
  const upstream = resolveUpstreamName(get('upstream'), context)
  const segments = resolvePath(get('path'), context)
  const replacePrefix = resolveReplacePrefix(get('replacePrefix'), segments, context)
  const hosts = resolveHosts(get('hosts'), context)
  const reportUntil = resolveLastDay(get('reportUntil'), context.problems)
  const cors = itemsOf(get('cors')).map(rule => resolveRule(rule, context))
  if (id === undefined || path === undefined || upstream === undefined || segments === undefined)
    return undefined

  return {
    id,
    hosts,
    path,
    segments,
    upstream,
    replacePrefix,
    cors,
    mode: choiceOf(get('mode'), childOf<AuthoredDefaults>(context.defaults, 'mode'), DEFAULTS.mode),
    ...(reportUntil === undefined ? {} : { reportUntil }),
    onDenied: choiceOf(
      get('onDenied'),
      childOf<AuthoredDefaults>(context.defaults, 'onDenied'),
      DEFAULTS.onDenied,
    ),
    forwardOrigin: flagOf(get('forwardOrigin')) ?? DEFAULTS.forwardOrigin,
    websocket: flagOf(get('websocket')) ?? DEFAULTS.websocket,
    fetchMetadata: choiceOf(get('fetchMetadata'), undefined, DEFAULTS.fetchMetadata),
    position: positionOf(node),
    fields: fieldPositions(node),
  }
}

// The schema has seen that the text is one of the choices.
function choiceOf<T extends string>(own: YamlNode | undefined, shared: YamlNode | undefined, fallback: T): T {
  return (textOf(own) ?? textOf(shared) ?? fallback) as T
}

function resolveUpstreamName(
  node: YamlNode | undefined,
  context: RouteContext,
): ResolvedUpstream | undefined {
  const name = textOf(node)
  if (node === undefined || name === undefined) return undefined
  if (!context.upstreamNames.has(name)) {
    const meant = nearest(name, context.upstreamNames)
    context.problems.error('unknown-upstream', node, `there is no upstream \`${name}\``, {
      suggestion: meant === undefined ? 'define it under `upstreams`' : `did you mean \`${meant}\`?`,
      replacement: meant === undefined ? undefined : scalarText(node, meant),
    })
  }
  return context.upstreams.get(name)
}

function resolvePath(
  node: YamlNode | undefined,
  { problems }: RouteContext,
): readonly PathSegment[] | undefined {
  const text = textOf(node)
  return node === undefined || text === undefined ? undefined : resolvePathPattern(node, text, problems)
}

function resolveReplacePrefix(
  node: YamlNode | undefined,
  segments: readonly PathSegment[] | undefined,
  { problems }: RouteContext,
): string | undefined {
  const text = textOf(node)
  if (node === undefined || text === undefined) return undefined
  if (segments !== undefined && segments.at(-1)?.kind !== 'rest') {
    problems.error(
      'replace-prefix-without-rest',
      node,
      '`replacePrefix` replaces what stands before `**`, and this path has none',
      {
        suggestion: 'end `path` with `/**`, or put the path into the `url` of the upstream',
      },
    )
  }
  if (!isPathPrefix({ node, before: '', path: text }, problems)) return undefined
  return text === '/' ? '' : text
}

function resolveHosts(list: YamlNode | undefined, { problems }: RouteContext): readonly HostPattern[] {
  const hosts = new Map<string, HostPattern>()
  for (const node of itemsOf(list)) {
    const text = textOf(node)
    const host = text === undefined ? undefined : resolveHostPattern(node, text, problems)
    if (text !== undefined && host !== undefined) hosts.set(text, host)
  }
  return [...hosts.values()]
}
