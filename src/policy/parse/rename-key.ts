import { type Field, itemsOf, type YamlNode } from './yaml-tree.js'

/** The tree with one key of the map at `path` called otherwise, its value and its place kept; the original is not touched. */
export function renameKey<N extends YamlNode>(
  node: N,
  path: readonly PropertyKey[],
  from: string,
  to: string,
): N {
  const [step, ...rest] = path
  if (node.kind === 'map') {
    const fields = Array.from(node.fields, ([name, field]): [string, Field] => {
      if (step === undefined) return [name === from ? to : name, field]
      return name === step
        ? [name, { ...field, value: renameKey(field.value, rest, from, to) }]
        : [name, field]
    })
    return { ...node, fields: new Map(fields) }
  }
  if (node.kind !== 'list') return node
  const parts = itemsOf(node).map((item, index) => (index === step ? renameKey(item, rest, from, to) : item))
  return { ...node, parts }
}
