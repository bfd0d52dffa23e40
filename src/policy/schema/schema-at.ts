import { z } from 'zod'
import { type FileKind, POLICY_FILE } from './file-kind.js'

/** The part of the schema that describes the value at `path`, with its documentation. */
export function schemaAt(
  path: readonly PropertyKey[],
  { schema: root }: FileKind = POLICY_FILE,
): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = root
  for (const key of path) schema = schema && childSchema(unwrap(schema), key)
  return schema
}

/** The keys that the map at `path` may have; none where the author chooses them. */
export function keysAt(path: readonly PropertyKey[], kind: FileKind = POLICY_FILE): readonly string[] {
  const schema = schemaAt(path, kind)
  const map = schema && unwrap(schema)
  return map instanceof z.ZodObject ? Object.keys(map.shape) : []
}

function childSchema(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    return Object.hasOwn(schema.shape, key) ? (schema.shape as z.core.$ZodShape)[key as string] : undefined
  }
  if (schema instanceof z.ZodArray) return schema.element
  return schema instanceof z.ZodRecord ? schema.valueType : undefined
}

// Of a text-or-map, the map: the text has nothing inside.
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap())
  if (!(schema instanceof z.ZodUnion)) return schema
  return schema.options.find(option => option instanceof z.ZodObject) ?? schema
}
