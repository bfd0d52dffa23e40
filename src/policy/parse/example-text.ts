import { z } from 'zod'
import type { FileKind } from '../schema/file-kind.js'
import { ANY_NAME, itemStep, mapInside, schemaAt } from '../schema/schema-at.js'

/** How the value at `path` is written in one line: its required keys, and `…` for what only the author knows. */
export function exampleValue(path: readonly PropertyKey[], kind: FileKind): string {
  const item = itemStep(path, kind)
  if (item !== undefined) {
    const inner = exampleValue([...path, item], kind)
    return item === ANY_NAME ? `{ ${ANY_NAME}: ${inner} }` : `[${inner}]`
  }
  const required = requiredKeys(path, kind)
  if (required.length === 0) return '…'
  return `{ ${required.map(key => `${key}: ${exampleValue([...path, key], kind)}`).join(', ')} }`
}

/** How a key below is written, from the map down: `cors: [{ allowMethods: … }]`. */
export function exampleKey([first, ...rest]: readonly PropertyKey[]): string {
  return `${String(first)}: ${below(rest)}`
}

/** The keys that the map at `path` must have; none where it is no map, or may be a text instead. */
export function requiredKeys(path: readonly PropertyKey[], kind: FileKind): readonly string[] {
  const schema = schemaAt(path, kind)
  if (schema === undefined || schema instanceof z.ZodUnion) return []
  const map = mapInside(schema)
  if (!(map instanceof z.ZodObject)) return []
  return Object.keys(map.shape).filter(key => !(map.shape[key] as z.ZodType).isOptional())
}

function below([step, ...rest]: readonly PropertyKey[]): string {
  if (step === undefined) return '…'
  return typeof step === 'number' ? `[${below(rest)}]` : `{ ${String(step)}: ${below(rest)} }`
}
