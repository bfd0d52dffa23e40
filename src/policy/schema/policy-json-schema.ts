import { z } from 'zod'
import { PolicySchema } from './schema.js'

/** The JSON Schema of the policy file, for editors: the same zod schema that `serve` reads with. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(PolicySchema, { io: 'input', target: 'draft-7' }) as Record<string, unknown>
}
