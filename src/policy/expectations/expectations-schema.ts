import { z } from 'zod'
import { REASONS } from '../../cors/reason.js'
import type { FileKind } from '../schema/file-kind.js'
import { lastDay } from '../schema/schema.js'
import { OUTCOME_WORDS, type OutcomeWord } from './outcome-words.js'

const headers = z.record(z.string(), z.string())

const request = z
  .strictObject({
    url: z.string().meta({
      description:
        'The address that the page requests, such as https://api.shop.example/orders; wss://api.shop.example/live is the handshake of a WebSocket.',
    }),
    origin: z
      .string()
      .optional()
      .meta({ description: 'The Origin header. Absent: the request is not from a page.' }),
    method: z
      .string()
      .default('GET')
      .meta({ description: 'The method; for a preflight, the one that it announces.' }),
    headers: headers.optional().meta({
      description: 'Further request headers; for a preflight, those whose names it announces.',
    }),
    preflight: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether to ask the preflight for this request.' }),
  })
  .meta({ description: 'What is asked.' })

const expect = z
  .strictObject({
    outcome: z
      .enum(Object.keys(OUTCOME_WORDS) as [OutcomeWord])
      .transform(word => OUTCOME_WORDS[word])
      .optional()
      .meta({
        description: 'What the page gets: the decision, or that of its preflight where only this is denied.',
      }),
    reason: z
      .enum(Object.keys(REASONS) as [keyof typeof REASONS])
      .optional()
      .meta({ description: 'The reason of that, one of docs/reasons.md.' }),
    route: z.string().optional().meta({ description: 'The id of the route that answers.' }),
    rule: z.int().min(0).optional().meta({ description: 'Which entry of its `cors` decides, from 0.' }),
    status: z
      .int()
      .min(0)
      .max(599)
      .optional()
      .meta({ description: 'What Crossgate answers to this request; 0 where the upstream does.' }),
    headers: z
      .record(z.string(), z.union([z.string(), z.null()]))
      .optional()
      .meta({ description: 'CORS headers and Vary of the answer; null: there is none.' }),
  })
  .meta({ description: 'What must come of it; what is absent may be anything.' })

/** A file of expectations: requests, and what the policy beside it must make of them. */
export const ExpectationsSchema = z
  .strictObject({
    policy: z.string().optional().meta({
      description:
        'The policy, relative to this file. Absent: the policy that the command names, or the one beside.',
    }),
    today: lastDay
      .optional()
      .meta({ description: 'The day (UTC) on which to decide, as YYYY-MM-DD. Absent: today.' }),
    tests: z
      .array(
        z.strictObject({
          name: z.string().min(1).meta({ description: 'What must hold, in words.' }),
          request,
          expect,
        }),
      )
      .min(1)
      .meta({ description: 'The expectations.' }),
  })
  .meta({ title: 'Crossgate expectations', description: 'What a policy must make of requests.' })

export type Expectations = z.output<typeof ExpectationsSchema>
export type Expectation = Expectations['tests'][number]

export const EXPECTATIONS_FILE: FileKind = {
  schema: ExpectationsSchema,
  noun: 'the file of expectations',
  keys: '`tests`',
  mistaken: [
    {
      marks: ['routes', 'upstreams', 'origins'],
      what: 'a policy',
      suggestion: () => 'look at it with `crossgate check`; expectations are a file beside it, with `tests`',
    },
  ],
}
