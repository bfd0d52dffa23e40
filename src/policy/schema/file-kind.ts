import type { z } from 'zod'
import { PolicySchema } from './schema.js'

/** A kind of YAML file that people write for Crossgate; all are read and judged by the same code. */
export interface FileKind {
  readonly schema: z.ZodType
  /** As sentences name the file: `the policy`. */
  readonly noun: string
  /** The first keys that come to mind, for whoever wrote something else entirely. */
  readonly keys: string
  /** What else may lie where this one belongs. */
  readonly mistaken?: readonly OtherKind[]
}

/** A kind of file as another one knows it, to say so in one sentence. */
export interface OtherKind {
  /** Any of these at the root tells it. */
  readonly marks: readonly string[]
  /** Its other keys; of these alone it is told where one of them is no key of the kind that was expected. */
  readonly keys?: readonly string[]
  /** As in `this is a policy`. */
  readonly what: string
  suggestion(file: string): string
}

export const POLICY_FILE: FileKind = {
  schema: PolicySchema,
  noun: 'the policy',
  keys: '`version`, `upstreams` and `routes`',
  mistaken: [
    {
      marks: ['tests'],
      what: 'a file of expectations',
      suggestion: () =>
        'run it with `crossgate test`; in a directory of policy files, let its name end with .test.yaml',
    },
    {
      marks: ['originsUnder', 'allowAnyOrigin', 'reportDays', 'requireOwner', 'requireExpiry'],
      keys: ['version', 'allowCredentials', 'allowMethods', 'allowHeaders', 'exposeHeaders', 'maxAge'],
      what: 'a ceiling',
      suggestion: file =>
        `name it with \`--ceiling ${file}\`: then it bounds the policy and is no part of it`,
    },
  ],
}
