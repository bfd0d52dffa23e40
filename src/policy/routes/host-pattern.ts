import { parseOriginPattern } from '../../cors/origins/origin-pattern.js'
import { scalarText, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList, Remedy } from '../problems/problem-list.js'
import type { HostPattern } from '../resolved/resolved-policy.js'

/** Reads one entry of `hosts`: a host as browsers write it, exact or with a leading `*.`, without a port. */
export function resolveHostPattern(
  node: YamlNode,
  text: string,
  problems: ProblemList,
): HostPattern | undefined {
  if (text === '*') {
    problems.error('host-any', node, '`*` is no host pattern', {
      suggestion: 'leave `hosts` out for any host',
    })
    return undefined
  }
  if (text.includes('://')) {
    problems.error(
      'host-scheme',
      node,
      `\`${text}\` has a scheme, and a host has none`,
      remedy(node, spellHost(text)),
    )
    return undefined
  }
  const pattern = readHost(text)
  if (pattern !== undefined) return pattern
  const spelling = spellHost(`https://${text}`)
  if (/:(?:\d*|\*)$/.test(text) && !/:.*:/.test(text.replace(/\[.*\]/, ''))) {
    problems.error(
      'host-port',
      node,
      `\`${text}\` has a port, and routes are chosen by host name alone`,
      remedy(node, spelling),
    )
  } else {
    problems.error(
      'host-syntax',
      node,
      `\`${text}\` is not written as a host: lower case, punycode, exact or with a leading \`*.\``,
      remedy(node, spelling),
    )
  }
  return undefined
}

// A host is what an origin has between its scheme and its port, so the origin grammar is the judge.
function readHost(text: string): HostPattern | undefined {
  const result = parseOriginPattern(`https://${text}`)
  if (!('pattern' in result) || !('host' in result.pattern)) return undefined
  const { pattern } = result
  const kind = pattern.kind === 'wildcard' && pattern.subdomains ? 'wildcard' : 'exact'
  const isWhole = text === (kind === 'wildcard' ? `*.${pattern.host}` : pattern.host)
  return isWhole ? { kind, name: pattern.host } : undefined
}

function spellHost(origin: string): string | undefined {
  const result = parseOriginPattern(origin)
  const spelling = 'pattern' in result ? origin : result.error.spelling
  const host = spelling?.replace(/^[^:]+:\/\//, '').replace(/:(?:\d+|\*)$/, '')
  return host !== undefined && readHost(host) !== undefined ? host : undefined
}

function remedy(node: YamlNode, host: string | undefined): Remedy {
  if (host === undefined)
    return { suggestion: 'write a host name such as api.shop.example or *.shop.example' }
  return { suggestion: `write \`${host}\``, replacement: scalarText(node, host) }
}
