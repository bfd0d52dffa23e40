import { z } from 'zod'
import type { FileKind } from '../schema/file-kind.js'
import { maxAge } from '../schema/schema.js'

/** The ceiling file: what those who own the gateway allow those who own a policy file to open. */
export const CeilingSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: 'The version of this format.' }),
    originsUnder: z.array(z.string()).min(1).optional().meta({
      description: 'Hosts: an origin must be one of them or below one. Absent: any host.',
    }),
    allowAnyOrigin: z.boolean().optional().meta({
      description: 'Whether rules may have `allowOrigins: ["*"]`. Absent: only without `originsUnder`.',
    }),
    allowCredentials: z.boolean().default(true).meta({ description: 'Whether rules may allow credentials.' }),
    allowMethods: z
      .array(z.string())
      .optional()
      .meta({ description: 'The methods that rules may allow. Absent: any.' }),
    allowHeaders: z
      .array(z.string())
      .optional()
      .meta({ description: 'The request headers that rules may allow. Absent: any.' }),
    exposeHeaders: z
      .array(z.string())
      .optional()
      .meta({ description: 'The response headers that rules may expose. Absent: any.' }),
    maxAge: maxAge.optional().meta({ description: 'The longest `maxAge` of a rule.' }),
    reportDays: z
      .int()
      .min(0)
      .max(3650)
      .optional()
      .meta({ description: 'For how many days from now `reportUntil` may keep a route in report mode.' }),
    requireOwner: z.boolean().default(false).meta({ description: 'Whether every entry names its owner.' }),
    requireExpiry: z.boolean().default(false).meta({ description: 'Whether every entry has a last day.' }),
  })
  .meta({ title: 'Crossgate ceiling', description: 'Bounds on what a policy may open.' })

export const CEILING_FILE: FileKind = {
  schema: CeilingSchema,
  noun: 'the ceiling',
  keys: '`version`, `originsUnder` and `allowMethods`',
  mistaken: [
    {
      marks: ['routes', 'upstreams', 'origins'],
      keys: ['version'],
      what: 'a policy',
      suggestion: () => 'name the file that bounds the policy, with keys such as `originsUnder`',
    },
  ],
}
