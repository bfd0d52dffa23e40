import { z } from 'zod'
import { type FileKind, POLICY_FILE } from './file-kind.js'

/** The part of the schema that describes the value at `path`, with its documentation. */
export function schemaAt(
  path: readonly PropertyKey[],
  { schema: root }: FileKind = POLICY_FILE,
): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = root
  for (const key of path) schema = schema && childSchema(mapInside(schema), key)
  return schema
}

/** The keys that the map at `path` may have; none where the author chooses them. */
export function keysAt(path: readonly PropertyKey[], kind: FileKind = POLICY_FILE): readonly string[] {
  const schema = schemaAt(path, kind)
  const map = schema && mapInside(schema)
  return map instanceof z.ZodObject ? Object.keys(map.shape) : []
}

/** In a path, where authors choose the name. */
export const ANY_NAME = 'NAME'

/** The step from a list, or from a map of names, into what it holds; undefined where the value is neither. */
export function itemStep(
  path: readonly PropertyKey[],
  kind: FileKind = POLICY_FILE,
): 0 | typeof ANY_NAME | undefined {
  const schema = schemaAt(path, kind)
  const container = schema && withoutDefault(schema)
  if (container instanceof z.ZodArray) return 0
  return container instanceof z.ZodRecord ? ANY_NAME : undefined
}

/** The path of what the lists and maps of names at `path` hold in the end; `path` itself where there are none. */
export function itemPath(path: readonly PropertyKey[], kind: FileKind = POLICY_FILE): readonly PropertyKey[] {
  const step = itemStep(path, kind)
  return step === undefined ? path : itemPath([...path, step], kind)
}

function childSchema(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    return Object.hasOwn(schema.shape, key) ? (schema.shape as z.core.$ZodShape)[key as string] : undefined
  }
  if (schema instanceof z.ZodArray) return schema.element
  return schema instanceof z.ZodRecord ? schema.valueType : undefined
}

/** What is under `optional` and `default`. */
export function withoutDefault(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? withoutDefault(schema.unwrap())
    : schema
}

/** The same, and of a text-or-map the map: the text has nothing inside. */
export function mapInside(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = withoutDefault(schema)
  if (!(inner instanceof z.ZodUnion)) return inner
  return inner.options.find(option => option instanceof z.ZodObject) ?? inner
}
