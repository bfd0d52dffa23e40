import type { Position } from '../../src/policy/problems/problem.js'

/** A policy whose one marked stretch, `«like this»`, is where a problem is expected. */
export interface MarkedPolicy {
  readonly text: string
  readonly expected: Omit<Position, 'file'> | undefined
}

/** Takes the marks out of a policy and says where they were. */
export function unmark(marked: string): MarkedPolicy {
  const start = marked.indexOf('«')
  if (start === -1) return { text: marked, expected: undefined }
  const before = marked.slice(0, start)
  const inside = marked.slice(start + 1, marked.indexOf('»'))
  const column = start - before.lastIndexOf('\n')
  return {
    text: marked.replace('«', '').replace('»', ''),
    expected: { line: before.split('\n').length, column, endColumn: column + inside.length },
  }
}

/** A whole policy around the lines of one rule. */
export function withRule(lines: string): string {
  return withRoute(`path: /**\ncors:\n  - ${indent(lines, 4)}`)
}

/** A rule for one good origin around some of its other lines. */
export function withRuleOf(lines: string): string {
  return withRule(`allowOrigins: [https://a.example]\n${lines}`)
}

/** A rule with credentials for these origins. */
export function withOrigins(items: string, lines = 'allowCredentials: true'): string {
  return withRule(`allowOrigins: [${items}]\nallowMethods: [GET]\n${lines}`)
}

/** A whole policy around the lines of one route. */
export function withRoute(lines: string): string {
  return `version: 1\nupstreams: { u: { url: http://u.internal } }\nroutes:\n  - id: a\n    upstream: u\n    ${indent(lines, 4)}\n`
}

/** A whole policy around one upstream. */
export function withUpstream(lines: string): string {
  return `version: 1\nupstreams:\n  u:\n    ${indent(lines, 4)}\nroutes:\n  - { id: a, path: /**, upstream: u }\n`
}

/** A whole policy with more top-level lines. */
export function withTop(lines: string): string {
  return `version: 1\nupstreams: { u: { url: http://u.internal } }\nroutes:\n  - { id: a, path: /**, upstream: u }\n${lines}\n`
}

function indent(lines: string, by: number): string {
  return lines.replaceAll('\n', `\n${' '.repeat(by)}`)
}
