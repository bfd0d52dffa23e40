import { z } from 'zod'
import { itemPath, keysAt, schemaAt, withoutDefault } from './schema-at.js'

/** A field of the policy file, as its documentation has it. */
export interface SchemaField {
  /** As in `routes.cors.maxAge`: lists and names that authors choose are left out. */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string
  readonly fallback: string | undefined
  readonly fields: readonly string[]
}

/** The field with this dotted path; else every field whose path ends so, such as `mode`. */
export function fieldsCalled(path: string): readonly SchemaField[] {
  const fields = allFields()
  const exact = fields.filter(field => field.path === path)
  return exact.length > 0 ? exact : fields.filter(field => field.path.endsWith(`.${path}`))
}

/** Every field of the policy file, in the order of the schema. */
export function allFields(): readonly SchemaField[] {
  return fieldsBelow([], [])
}

function fieldsBelow(steps: readonly PropertyKey[], names: readonly string[]): readonly SchemaField[] {
  return keysAt(steps).flatMap(name => {
    const path = [...steps, name]
    const field = fieldAt(path, [...names, name])
    return [field, ...fieldsBelow(itemPath(path), [...names, name])]
  })
}

function fieldAt(steps: readonly PropertyKey[], names: readonly string[]): SchemaField {
  const schema = schemaAt(steps) as z.ZodType
  return {
    path: names.join('.'),
    type: typeOf(schema),
    required: !schema.isOptional(),
    description: schema.description ?? descriptionBelow(schema) ?? '',
    fallback: schema instanceof z.ZodDefault ? JSON.stringify(schema.def.defaultValue) : undefined,
    fields: keysAt(itemPath(steps)),
  }
}

function typeOf(schema: z.core.$ZodType): string {
  const inner = withoutDefault(schema)
  if (inner instanceof z.ZodArray) return `list of ${typeOf(inner.element)}`
  if (inner instanceof z.ZodRecord) return `map from names to ${typeOf(inner.valueType)}`
  if (inner instanceof z.ZodUnion) return inner.options.map(typeOf).join(' or ')
  if (inner instanceof z.ZodEnum) return inner.options.map(option => JSON.stringify(option)).join(' or ')
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(String).join(' or ')
  return TYPES.get(inner._zod.def.type) ?? inner._zod.def.type
}

function descriptionBelow(schema: z.core.$ZodType): string | undefined {
  return (withoutDefault(schema) as z.ZodType).description
}

const TYPES = new Map([
  ['string', 'text'],
  ['number', 'number'],
  ['int', 'number'],
  ['boolean', 'true or false'],
  ['object', 'map'],
])
