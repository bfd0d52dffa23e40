import { isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { SourceFile } from '../problems/source.js'

/** An origin to let in on a route, and why, for whoever reviews it. */
export interface Grant {
  readonly origin: string
  readonly route: string
  /** The rule whose list it joins; undefined: a rule of its own, with the methods and headers below. */
  readonly rule: number | undefined
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  /** Response headers to expose. */
  readonly exposed: readonly string[]
  /** One line, without a line break. */
  readonly evidence: string
}

/**
 * Writes a grant into the policy's text, as one would by hand: everything else stays byte for byte, comments included.
 * Never into a named set, which other routes may share.
 *
 * @returns undefined where the route is written in a way that this does not edit (an alias, a merge).
 */
export function grantOrigin(files: readonly SourceFile[], grant: Grant): readonly SourceFile[] | undefined {
  for (const file of files) {
    const edited = editFile(file.text, grant)
    if (edited !== undefined) return files.map(other => (other === file ? { ...file, text: edited } : other))
  }
  return undefined
}

function editFile(text: string, grant: Grant): string | undefined {
  const routes = parseDocument(text).get('routes')
  if (!isSeq(routes)) return undefined
  const route = routes.items.find(item => isMap(item) && item.get('id') === grant.route)
  if (!isMap(route)) return undefined
  const comment = `# ${grant.evidence}`
  if (grant.rule !== undefined) {
    const origins = route.getIn(['cors', grant.rule, 'allowOrigins'], true)
    return isSeq(origins) ? append(text, origins, scalar(grant.origin), comment) : undefined
  }
  const cors = route.get('cors', true)
  if (isSeq(cors)) return append(text, cors, ruleText(grant), comment)
  return cors === undefined ? addCors(text, route, ruleText(grant), comment) : undefined
}

function append(text: string, list: YAMLSeq, item: string, comment: string): string | undefined {
  if (list.range === undefined || list.range === null) return undefined
  const last = rangeOf(list.items.at(-1))
  if (list.flow) {
    const close = list.range[1] - 1
    if (text[close] !== ']') return undefined
    const comma = last === undefined || text.slice(last[1], close).includes(',') ? '' : ','
    const at = last === undefined || comma === '' ? close : last[1]
    const space = last === undefined ? '' : ' '
    return above(splice(text, at, `${comma}${space}${item}`), list.range[0], comment)
  }
  const first = rangeOf(list.items[0])
  if (first === undefined || last === undefined) return undefined
  const dash = text.lastIndexOf('-', first[0])
  const indent = ' '.repeat(columnOf(text, dash))
  return splice(text, lineEnd(text, last[1]), `\n${indent}${comment}\n${indent}- ${item}`)
}

function addCors(text: string, route: YAMLMap, rule: string, comment: string): string | undefined {
  if (route.range === undefined || route.range === null) return undefined
  if (route.flow) {
    const close = route.range[1] - 1
    if (text[close] !== '}') return undefined
    let at = close
    while (/\s/.test(text[at - 1] ?? '')) at--
    return above(splice(text, at, `, cors: [${rule}]`), route.range[0], comment)
  }
  const key = rangeOf(route.items[0]?.key)
  const pair = route.items.at(-1)
  const last = rangeOf(pair?.value) ?? rangeOf(pair?.key)
  if (key === undefined || last === undefined) return undefined
  const indent = ' '.repeat(columnOf(text, key[0]))
  return splice(text, lineEnd(text, last[1]), `\n${indent}cors:\n${indent}  ${comment}\n${indent}  - ${rule}`)
}

function ruleText({ origin, methods, headers, exposed }: Grant): string {
  const lists = [
    `allowOrigins: [${scalar(origin)}]`,
    `allowMethods: [${methods.map(scalar).join(', ')}]`,
    ...(headers.length > 0 ? [`allowHeaders: [${headers.map(scalar).join(', ')}]`] : []),
    ...(exposed.length > 0 ? [`exposeHeaders: [${exposed.map(scalar).join(', ')}]`] : []),
  ]
  return `{ ${lists.join(', ')} }`
}

function scalar(text: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9.:/_-]*$/.test(text) ? text : JSON.stringify(text)
}

function above(text: string, at: number, comment: string): string {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const indent = /^ */.exec(text.slice(start))?.[0] ?? ''
  return splice(text, start, `${indent}${comment}\n`)
}

// The end of the line on which a node's content ends: blocks reach to where the next one begins.
function lineEnd(text: string, end: number): number {
  let at = end
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at--
  const rest = text.slice(at).search(/\r?\n/)
  return rest === -1 ? text.length : at + rest
}

function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1)
}

// What is inserted breaks its lines as the file does.
function splice(text: string, at: number, inserted: string): string {
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '\n'
  return text.slice(0, at) + inserted.replaceAll('\n', lineBreak) + text.slice(at)
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  const range = (node as { range?: readonly [number, number, number] | null } | undefined)?.range
  return range ?? undefined
}
