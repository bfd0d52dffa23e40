import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** Throws where a record is not one that config/audit.schema.json describes. Every line of every test's gateway is held to it. */
export function assertAuditRecord(record: unknown): void {
  if (validate(record)) return
  const wrong = validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ')
  throw new Error(`not an audit record: ${wrong}\n${JSON.stringify(record)}`)
}

export const AUDIT_SCHEMA_FILE = resolve(import.meta.dirname, '../../config/audit.schema.json')

const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(
  JSON.parse(readFileSync(AUDIT_SCHEMA_FILE, 'utf8')),
)
