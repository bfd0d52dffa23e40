import { Argument, Command, Option } from 'commander'
import { nearest } from '../policy/problems/suggest.js'
import { policyJsonSchema } from '../policy/schema/policy-json-schema.js'
import { allFields, fieldsCalled, type SchemaField } from '../policy/schema/schema-field.js'
import { formatJson } from '../report/json.js'
import { offer } from './given/offered-values.js'
import { complain } from './terminal/complain.js'
import { painter, usesColour } from './terminal/terminal.js'

/** `crossgate schema`: the JSON Schema of the policy file, or what one field of it means. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of the policy file, or explain one field of it.')
    .addArgument(
      offer(
        new Argument('[FIELD]', 'a field, such as routes.cors.maxAge, or maxAge'),
        allFields().map(({ path }) => path),
      ),
    )
    .addOption(
      new Option('--format <FORMAT>', 'how to write a field').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      `
An editor completes and checks a policy that begins with:
  # yaml-language-server: $schema=./policy.schema.json

Example:
  $ crossgate schema > policy.schema.json
  $ crossgate schema maxAge`,
    )
    .action((field: string | undefined, options: { readonly format: 'text' | 'json' }) => {
      process.exitCode = runSchema(field, options.format)
    })
}

function runSchema(path: string | undefined, format: 'text' | 'json'): number {
  if (path === undefined) {
    process.stdout.write(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`)
    return 0
  }
  const fields = fieldsCalled(path)
  if (fields.length === 0) {
    complain(noField(path))
    return 2
  }
  process.stdout.write(
    format === 'json'
      ? formatJson('schema', { fields: fields.map(fieldJson) })
      : fields.map(fieldText).join('\n'),
  )
  return 0
}

function noField(path: string): string {
  const paths = allFields().map(field => field.path)
  const last = path.split('.').at(-1) ?? path
  const meant =
    nearest(path, paths) ?? nearest(last, new Set(paths.flatMap(one => one.split('.').at(-1) ?? [])))
  return `the policy has no field ${path}${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

function fieldJson({ fallback, fields, ...field }: SchemaField): object {
  return { ...field, ...(fallback !== undefined && { default: JSON.parse(fallback) }), fields }
}

function fieldText({ path, type, required, description, fallback, fields }: SchemaField): string {
  const paint = painter(usesColour(process.stdout))
  const notes = [
    required ? 'required' : 'optional',
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ]
  const inside = fields.length === 0 ? '' : `\nFields: ${fields.join(', ')}\n`
  return `${paint('strong', path)}: ${type} (${notes.join(', ')})\n${description}\n${inside}`
}
