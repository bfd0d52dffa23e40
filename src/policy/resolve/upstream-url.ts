import { scalarText, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import { hasVariable, NO_VARIABLES } from '../problems/variable.js'
import { isPathPrefix } from '../routes/canonical-path.js'

export interface UpstreamUrl {
  /** `http://host[:port]` or `https://host[:port]`; the port where it is not the default one. */
  readonly origin: string
  /** `''` or `/base`. */
  readonly basePath: string
}

/** Reads `scheme://host[:port][/base]`; whatever is more or less than that becomes a problem. */
export function resolveUpstreamUrl(
  node: YamlNode,
  text: string,
  problems: ProblemList,
): UpstreamUrl | undefined {
  const [, scheme = '', authority = '', path = '', extra = ''] = PARTS.exec(text) ?? []
  if (hasVariable(scheme === '' ? text : authority)) {
    problems.error('upstream-url', node, 'this is no server', NO_VARIABLES)
    return undefined
  }
  if (scheme.toLowerCase() !== 'http' && scheme.toLowerCase() !== 'https') {
    problems.error('upstream-scheme', node, 'an upstream is reached over http or https', {
      suggestion: 'write it as http://host:port or https://host',
    })
  } else if (authority.includes('@')) {
    // No replacement: it would show the password once more.
    problems.error('upstream-userinfo', node, 'credentials have no place in a policy', {
      suggestion: 'remove everything up to the `@`, and let clients authenticate themselves',
    })
  } else if (extra !== '') {
    const meant = text.slice(0, -extra.length)
    problems.error('upstream-query', node, 'the url of an upstream has no query and no fragment', {
      suggestion: `write \`${meant}\``,
      replacement: scalarText(node, meant),
    })
  } else {
    return resolveParts(node, `${scheme}://${authority}`, path, problems)
  }
  return undefined
}

function resolveParts(
  node: YamlNode,
  server: string,
  path: string,
  problems: ProblemList,
): UpstreamUrl | undefined {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || url.port === '0' || /[\s\\]/.test(server)) {
    problems.error('upstream-url', node, `\`${server}\` is no server: its host or its port is not one`, {
      suggestion: 'write it as http://host:port or https://host',
    })
    return undefined
  }
  // An explicit default port is no other server; everything else should read as it is going to be dialled.
  if (server !== url.origin && server !== `${url.origin}:${url.protocol === 'https:' ? 443 : 80}`) {
    problems.error('upstream-url', node, `\`${server}\` is not how the server's name is written`, {
      suggestion: `write \`${url.origin}${path}\``,
      replacement: scalarText(node, `${url.origin}${path}`),
    })
    return undefined
  }
  if (path !== '' && !isPathPrefix({ node, before: server, path }, problems)) return undefined
  return { origin: url.origin, basePath: path === '/' ? '' : path }
}

// Cut by hand, because `new URL` would silently repair a backslash, a dot segment and stray white space.
const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(.*)$/is
