import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { loadPolicyFiles } from '../../src/gateway/load-policy.js'
import { policyJsonSchema } from '../../src/policy/policy-json-schema.js'
import { allFields, fieldsCalled } from '../../src/policy/schema-field.js'

const COMMITTED = JSON.parse(
  readFileSync(new URL('../../config/policy.schema.json', import.meta.url), 'utf8'),
)
const CORPUS = new URL('../golden/policies/', import.meta.url)

t.test('config/policy.schema.json is fresh', async t => {
  t.strictSame(
    COMMITTED,
    JSON.parse(JSON.stringify(policyJsonSchema())),
    'else: crossgate schema > config/policy.schema.json',
  )
})

t.test('the schema takes every valid policy of the corpus, and refuses wrong shapes', async t => {
  const validate = new Ajv({ strict: false, unicodeRegExp: true }).compile(COMMITTED)
  let valid = 0
  for (const name of readdirSync(CORPUS).filter(one => /^\d\d-[a-z-]+\.yaml$/.test(one))) {
    const text = readFileSync(new URL(name, CORPUS), 'utf8')
    const { policy, problems } = loadPolicyFiles([{ file: name, text }])
    if (policy !== undefined) {
      t.ok(validate(parse(text)), name, { errors: validate.errors })
      valid++
    } else if (problems.some(({ code }) => code === 'unknown-key')) {
      t.notOk(validate(parse(text)), name)
    }
  }
  t.ok(valid >= 20, `${valid} valid policies`)
})

t.test('the example policies carry the editor line', async t => {
  const example = readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8')
  t.match(example.split('\n')[0], /^# yaml-language-server: \$schema=\.\/policy\.schema\.json$/)
})

t.test('every field has its documentation', async t => {
  const fields = allFields()
  t.ok(fields.length > 50, `${fields.length} fields`)
  for (const { path, description, type } of fields) t.ok(description !== '' && type !== '', path)
  t.match(fieldsCalled('maxAge'), [{ path: 'routes.cors.maxAge', required: false }])
  t.match(
    fieldsCalled('mode').map(({ path }) => path),
    ['routes.mode', 'defaults.mode'],
  )
  t.strictSame(fieldsCalled('nothing'), [])
})
