import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** What begins every JSON output. */
export interface Output {
  readonly command: string
  readonly [field: string]: unknown
}

/** Reads a JSON output. Throws where it is not as config/output.schema.json describes it. */
export function readOutput(text: string): Output {
  const output = JSON.parse(text) as Output
  const forms = FORMS.filter(({ command }) => command.includes(output.command))
  const wrong = forms.map(({ name, validate }) =>
    validate(output)
      ? undefined
      : `${name}: ${validate.errors?.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`).join('; ')}`,
  )
  if (wrong.filter(each => each === undefined).length === 1) return output
  throw new Error(`not an output of ${output.command}: ${wrong.join('\n')}\n${text.slice(0, 2000)}`)
}

interface Schema {
  readonly const?: string
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly [keyword: string]: unknown
}

export const OUTPUT_SCHEMA = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../config/output.schema.json'), 'utf8'),
) as {
  readonly $id: string
  readonly oneOf: readonly { $ref: string }[]
  readonly $defs: Record<string, Schema>
}

const ajv = new Ajv2020({ formats: { 'date-time': true }, allErrors: true }).addSchema(OUTPUT_SCHEMA)

/** The outputs that there are, and which commands write them. */
export const FORMS = OUTPUT_SCHEMA.oneOf.map(({ $ref }) => {
  const name = $ref.replace('#/$defs/', '')
  const { command } = OUTPUT_SCHEMA.$defs[name]?.properties ?? {}
  return {
    name,
    command: command?.enum ?? [command?.const ?? ''],
    validate: ajv.getSchema(`${OUTPUT_SCHEMA.$id}${$ref}`)!,
  }
})

/** The names of all fields that a form may have, at any depth. */
export function fieldsOf(schema: Schema, seen: ReadonlySet<unknown> = new Set()): readonly string[] {
  if (seen.has(schema)) return []
  const next = new Set([...seen, schema])
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === '$ref')
      return fieldsOf(OUTPUT_SCHEMA.$defs[String(value).replace('#/$defs/', '')] ?? {}, next)
    if (typeof value !== 'object' || value === null) return []
    if (key !== 'properties') return fieldsOf(value as Schema, next)
    return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner as Schema, next)])
  })
}
