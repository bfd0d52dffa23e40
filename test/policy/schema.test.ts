import t from 'tap'
import { z } from 'zod'
import { type AuthoredPolicy, PolicySchema } from '../../src/policy/schema/schema.js'
import { keysAt, schemaAt } from '../../src/policy/schema/schema-at.js'

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly required?: readonly string[]
}

const SCHEMA = z.toJSONSchema(PolicySchema, { io: 'input', target: 'draft-7' }) as JsonSchema

t.test('every field has its documentation', async t => {
  const visit = (schema: JsonSchema, path: string): void => {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const at = `${path}.${name}`
      // An object's own description serves where the field has none of its own.
      t.match(field.description, /^\S.*\S$/, at)
      visit(field, at)
    }
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}.*`)
    if (schema.items !== undefined) visit(schema.items, `${path}[]`)
    for (const branch of schema.anyOf ?? []) visit(branch, path)
  }
  visit(SCHEMA, '')
})

t.test('the JSON Schema asks for what the policy needs, and knows every key', async t => {
  t.strictSame(SCHEMA.required, ['version', 'upstreams', 'routes'])
  t.equal(SCHEMA.additionalProperties, false)
  const route = SCHEMA.properties?.routes?.items
  t.strictSame(route?.required, ['id', 'path', 'upstream'])
  t.equal(route?.additionalProperties, false)
  const rule = route?.properties?.cors?.items
  t.strictSame(rule?.required, ['allowOrigins', 'allowMethods'])
})

t.test('the schema by path', async t => {
  t.strictSame(keysAt([]), ['version', 'upstreams', 'origins', 'routes', 'publicOrigins', 'defaults'])
  t.ok(keysAt(['routes', 3, 'cors', 0]).includes('allowOrigins'))
  t.ok(keysAt(['routes', 3, 'cors', 0, 'allowOrigins', 1]).includes('expires'), 'of a text-or-map, the map')
  t.ok(keysAt(['upstreams', 'any', 'tls']).includes('dangerouslySkipVerify'))
  t.strictSame(keysAt(['upstreams']), [], 'names are free')
  t.equal(schemaAt(['routes', 0, 'nothing', 'below']), undefined)
  t.equal(schemaAt(['constructor']), undefined)
})

t.test('the authored type is what authors write', async t => {
  const policy: AuthoredPolicy = {
    version: 1,
    upstreams: { u: { url: 'http://u', timeouts: { connect: '2s', idle: 30 } } },
    origins: { s: ['https://a.example', { origin: 'https://b.example', expires: '2027-01-31' }] },
    routes: [{ id: 'a', path: '/**', upstream: 'u', cors: [{ allowOrigins: ['s'], allowMethods: ['GET'] }] }],
  }
  t.ok(PolicySchema.safeParse(policy).success)
})
