import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'
import { policyJsonSchema } from '../../src/policy/schema/policy-json-schema.js'
import { allFields, fieldsCalled } from '../../src/policy/schema/schema-field.js'
import { mapsOfSchema, mapsOn, withKeyTables } from './policy-page.js'

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

t.test('every example policy carries the editor line, and its schema takes it', async t => {
  const ajv = new Ajv({ strict: false, unicodeRegExp: true })
  const validate = ajv.compile(COMMITTED)
  let examples = 0
  for (const [place, text, file] of examplesIn(['config', 'deploy', 'docs', 'helm'])) {
    const [, schema = ''] =
      /^# yaml-language-server: \$schema=(\S+)$/.exec(text.split('\n')[0] as string) ?? []
    t.not(schema, '', `${place}: the first line is for the editor`)
    const isDocs = file.endsWith('.md')
    const found = resolve(isDocs ? 'config' : dirname(file), schema)
    if (file.startsWith('helm')) t.equal(found, resolve('helm/crossgate/values.schema.json'), place)
    else {
      t.equal(found, resolve('config/policy.schema.json'), place)
      t.ok(validate(parse(text)), place, { errors: validate.errors })
    }
    examples++
  }
  t.ok(examples >= 15, `${examples} examples`)
})

/** Every whole policy, and every values file of the chart: files of their own, and blocks in pages. */
function* examplesIn(
  folders: readonly string[],
): Iterable<readonly [place: string, text: string, file: string]> {
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = join(folder, name)
      if (/-values\.ya?ml$/.test(file)) yield [file, readFileSync(file, 'utf8'), file]
      else if (/\.ya?ml$/.test(file) && isPolicy(readFileSync(file, 'utf8'))) {
        yield [file, readFileSync(file, 'utf8'), file]
      } else if (file.endsWith('.md')) {
        const blocks = readFileSync(file, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)
        for (const [, block = ''] of blocks) if (isPolicy(block)) yield [`a block in ${file}`, block, file]
      }
    }
  }
}

function isPolicy(text: string): boolean {
  return /^version:/m.test(text) && /^routes:/m.test(text)
}

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

t.test('docs/policy.md has every key, as the schema has it', async t => {
  const file = new URL('../../docs/policy.md', import.meta.url)
  const page = readFileSync(file, 'utf8')
  t.strictSame([...mapsOn(page)].sort(), [...mapsOfSchema()].sort(), 'a table for each map')
  const fresh = withKeyTables(page)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, fresh)
  t.equal(page, fresh, 'else: UPDATE_DOCS=1 npx tap --disable-coverage test/policy/json-schema.test.ts')
})
