import {
  type Document,
  isCollection,
  isMap,
  isSeq,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { SourceFile } from '../problems/source.js'
import { appendItem } from './append-item.js'
import { above, columnOf, lineEnd, rangeOf, splice } from './text-edit.js'

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
 * Never into what other routes may share: a named set, or a part that an alias repeats.
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
  const document = parseDocument(text)
  const routes = document.get('routes')
  if (!isSeq(routes)) return undefined
  const route = routes.items.find(item => isMap(item) && item.get('id') === grant.route)
  if (!isMap(route) || isShared(document, route, grant.rule)) return undefined
  const comment = `# ${grant.evidence}`
  if (grant.rule !== undefined) {
    const origins = route.getIn(['cors', grant.rule, 'allowOrigins'], true)
    return isSeq(origins) ? appendItem(text, origins, scalar(grant.origin), comment) : undefined
  }
  const cors = route.get('cors', true)
  if (isSeq(cors)) return appendItem(text, cors, ruleLike(cors, grant), comment)
  return cors === undefined ? addCors(text, route, grant, comment) : undefined
}

/** Whether what would be edited stands elsewhere, too, by an alias: then others would be let in there as well. */
function isShared(document: Document, route: YAMLMap, rule: number | undefined): boolean {
  const aliased = new Set<string>()
  visit(document, { Alias: (_, { source }) => void aliased.add(source) })
  const paths = rule === undefined ? [['cors']] : [['cors'], ['cors', rule], ['cors', rule, 'allowOrigins']]
  return [route, ...paths.map(path => route.getIn(path, true))].some(
    node => isCollection(node) && node.anchor !== undefined && aliased.has(node.anchor),
  )
}

function addCors(text: string, route: YAMLMap, grant: Grant, comment: string): string | undefined {
  if (route.range === undefined || route.range === null) return undefined
  if (route.flow) {
    const close = route.range[1] - 1
    if (text[close] !== '}') return undefined
    let at = close
    while (/\s/.test(text[at - 1] ?? '')) at--
    return above(splice(text, at, `, cors: [${flowRule(grant)}]`), route.range[0], comment)
  }
  const key = rangeOf(route.items[0]?.key)
  const pair = route.items.at(-1)
  const last = rangeOf(pair?.value) ?? rangeOf(pair?.key)
  if (key === undefined || last === undefined) return undefined
  const indent = ' '.repeat(columnOf(text, key[0]))
  const rule = blockRule(grant, false).replaceAll('\n', `\n${indent}    `)
  return splice(text, lineEnd(text, last[1]), `\n${indent}cors:\n${indent}  ${comment}\n${indent}  - ${rule}`)
}

/** The rule, written as the last of a list is. */
function ruleLike(cors: YAMLSeq, grant: Grant): string {
  const last = cors.items.at(-1)
  if (cors.flow || (isMap(last) && last.flow)) return flowRule(grant)
  const origins = isMap(last) ? last.get('allowOrigins') : undefined
  return blockRule(grant, isSeq(origins) && origins.flow === true)
}

function flowRule(grant: Grant): string {
  return `{ ${fields(grant)
    .map(([name, values]) => `${name}: ${flowList(values)}`)
    .join(', ')} }`
}

function blockRule(grant: Grant, flowOrigins: boolean): string {
  return fields(grant)
    .map(([name, values]) => {
      const isFlow = name !== 'allowOrigins' || flowOrigins
      return isFlow ? `${name}: ${flowList(values)}` : `${name}:\n  - ${values.map(scalar).join('\n  - ')}`
    })
    .join('\n')
}

function fields({
  origin,
  methods,
  headers,
  exposed,
}: Grant): readonly (readonly [string, readonly string[]])[] {
  const lists = [
    ['allowOrigins', [origin]],
    ['allowMethods', methods],
    ['allowHeaders', headers],
    ['exposeHeaders', exposed],
  ] as const
  return lists.filter(([name, values]) => name === 'allowMethods' || values.length > 0)
}

function flowList(values: readonly string[]): string {
  return `[${values.map(scalar).join(', ')}]`
}

function scalar(text: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9.:/_-]*$/.test(text) ? text : JSON.stringify(text)
}
