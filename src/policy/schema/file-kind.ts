import type { z } from 'zod'
import { PolicySchema } from './schema.js'

/** A kind of YAML file that people write for Crossgate; all are read and judged by the same code. */
export interface FileKind {
  readonly schema: z.ZodType
  /** As sentences name the file: `the policy`. */
  readonly noun: string
  /** The first keys that come to mind, for whoever wrote something else entirely. */
  readonly keys: string
  /** The kind that this one is mistaken for, by keys that it alone has. */
  readonly mistaken?: {
    readonly keys: readonly string[]
    /** As in `this is a policy`. */
    readonly what: string
    readonly suggestion: string
  }
}

export const POLICY_FILE: FileKind = {
  schema: PolicySchema,
  noun: 'the policy',
  keys: '`version`, `upstreams` and `routes`',
  mistaken: {
    keys: ['tests'],
    what: 'a file of expectations',
    suggestion:
      'run it with `crossgate test`; in a directory of policy files, let its name end with .test.yaml',
  },
}
