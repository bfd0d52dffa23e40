import { z } from 'zod'
import { MILLISECONDS, WHOLE_SECONDS } from '../../syntax/duration.js'
import { DAY } from './day.js'

// The shape of the policy file and its documentation: the JSON Schema and `crossgate schema` are made from it. What
// zod cannot see in one value (names, credentials with `*`, public suffixes) is checked while resolving.
// The message of every pattern below is the code of the problem that it causes (see parse/shape-problem.ts).

/** What a route, a rule or an upstream has where the policy does not say. */
export const DEFAULTS = {
  mode: 'enforce',
  onDenied: 'block',
  forwardOrigin: true,
  websocket: false,
  fetchMetadata: 'off',
  preserveHost: false,
  connections: 64,
  queue: 256,
  timeouts: { connect: '2s', headers: '15s', idle: '30s' },
} as const

export const name = z.string().regex(/^[^\s\p{C}]{1,128}$/u, 'name-syntax')

const duration = z.union([z.number(), z.string().regex(MILLISECONDS.pattern, 'duration-format')])

export const maxAge = z.union([z.number(), z.string().regex(WHOLE_SECONDS.pattern, 'max-age-format')])

export const lastDay = z.string().regex(DAY, 'expires-date')

const mode = z.enum(['enforce', 'report'])
const onDenied = z.enum(['block', 'strip'])

const originEntry = z
  .strictObject({
    origin: z.string().meta({
      description: 'A serialised origin, or a pattern with a leading `*.` in its host or `:*` as its port.',
    }),
    owner: z.string().optional().meta({ description: 'Who answers for this entry.' }),
    reason: z.string().optional().meta({ description: 'Why it is allowed, for example a ticket.' }),
    expires: lastDay.optional().meta({
      description: 'The last day (UTC) on which the entry holds, as YYYY-MM-DD. Afterwards it is denied.',
    }),
  })
  .meta({ description: 'An origin with its owner, its reason and its last day.' })

const originSet = z
  .array(z.union([z.string(), originEntry]))
  .min(1)
  .meta({
    description:
      'Origins under one name: serialised origins, patterns, or maps with `origin`, `owner`, `reason` and `expires`.',
  })

const dangerous = (description: string) => z.boolean().default(false).meta({ description })

const rule = z
  .strictObject({
    allowOrigins: z
      .array(z.union([z.string(), originEntry]))
      .min(1)
      .meta({
        description:
          'Who the rule is for: origins, patterns, names of origin sets, or "*" alone for everyone.',
      }),
    allowMethods: z.array(z.string()).min(1).meta({
      description:
        'Methods that these origins may use, byte for byte. GET implies HEAD, and nothing else is implied. "*" alone: any, never with credentials.',
    }),
    allowHeaders: z.array(z.string()).optional().meta({
      description:
        'Request headers that scripts may set beyond the CORS-safelisted ones. "*": any but authorization, never with credentials.',
    }),
    exposeHeaders: z.array(z.string()).optional().meta({
      description:
        'Response headers that scripts may read beyond the CORS-safelisted ones. "*": any, never with credentials.',
    }),
    allowCredentials: z.boolean().default(false).meta({
      description: 'Whether browsers may send cookies, client certificates and HTTP authentication.',
    }),
    maxAge: maxAge.optional().meta({
      description: `How long browsers may keep a preflight answer: whole seconds, as a number or such as ${WHOLE_SECONDS.examples}; 0 to 24h. Absent: 5 seconds, as in Fetch.`,
    }),
    allowPrivateNetwork: z.boolean().default(false).meta({
      description:
        'Whether public pages may reach this route on a private network (Access-Control-Allow-Private-Network).',
    }),
    allowTiming: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether these origins may read detailed timing (Timing-Allow-Origin).' }),
    dangerouslyAllowNullOrigin: dangerous(
      'Accept "null" in allowOrigins: every sandboxed frame and local file on earth. Never with credentials.',
    ),
    dangerouslyAllowInsecureOrigins: dangerous(
      'Accept http:// origins with credentials: whoever sits on the network path of one can act as its users.',
    ),
    dangerouslyAllowPublicSuffix: dangerous(
      'Accept a wildcard directly on a public suffix, below which anyone can register a name.',
    ),
  })
  .meta({ description: 'One rule: the first whose allowOrigins holds the origin of the request decides.' })

const route = z
  .strictObject({
    id: name.meta({ description: 'The name of the route in logs, metrics and `explain`; unique.' }),
    hosts: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: 'Host names without port, exact or with a leading `*.`. Absent: any host.' }),
    path: z.string().meta({
      description: 'Literal segments, `*` for one segment, a final `**` for this path and all below it.',
    }),
    upstream: z.string().meta({ description: 'The name of the upstream that answers.' }),
    replacePrefix: z.string().optional().meta({
      description:
        'What the upstream gets in place of the part of the path before the final `**`; `/` removes it.',
    }),
    cors: z
      .array(rule)
      .optional()
      .meta({ description: 'Rules in order. Absent or empty: same-origin only.' }),
    mode: mode.optional().meta({
      description:
        'enforce, or report: decide and record, but let through what would be denied, with the CORS headers of the upstream. Absent: as in `defaults`.',
    }),
    reportUntil: lastDay.optional().meta({
      description:
        'The last day (UTC) of `mode: report`, as YYYY-MM-DD: what a ceiling holds against its limit.',
    }),
    onDenied: onDenied.optional().meta({
      description:
        'block, or strip: forward a denied request, but without any CORS header. Absent: as in `defaults`.',
    }),
    forwardOrigin: z
      .boolean()
      .default(DEFAULTS.forwardOrigin)
      .meta({ description: 'Whether the upstream sees the Origin header.' }),
    websocket: z.boolean().default(DEFAULTS.websocket).meta({
      description:
        'Whether WebSocket upgrades are let through, for allowed origins. false: 403, in report mode too.',
    }),
    fetchMetadata: z.enum(['off', 'isolate']).default(DEFAULTS.fetchMetadata).meta({
      description:
        'isolate: refuse by their Sec-Fetch headers, too, what other sites load or send without reading the answer.',
    }),
  })
  .meta({ description: 'Which requests go to which upstream, and what CORS allows on them.' })

const tls = z
  .strictObject({
    ca: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'A PEM file of CAs to trust instead of the system ones.' }),
    serverName: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'The name to ask for and to verify, where it is not the host of the url.' }),
    cert: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'A PEM file with the client certificate; needs `key`.' }),
    key: z.string().min(1).optional().meta({ description: 'A PEM file with the key of `cert`.' }),
    dangerouslySkipVerify: dangerous(
      'Accept any certificate: whoever is on the network path can read and change everything.',
    ),
  })
  .meta({ description: 'TLS towards the upstream. Paths are relative to the policy file.' })

const timeouts = z
  .strictObject({
    connect: duration.default(DEFAULTS.timeouts.connect).meta({ description: 'To establish a connection.' }),
    headers: duration
      .default(DEFAULTS.timeouts.headers)
      .meta({ description: 'From the request to the response headers.' }),
    idle: duration.default(DEFAULTS.timeouts.idle).meta({ description: 'Between two pieces of a body.' }),
    total: duration.optional().meta({
      description:
        'For the whole exchange, queue and body included. Absent: none, since downloads and event streams are long.',
    }),
  })
  .meta({ description: `Durations such as ${MILLISECONDS.examples}, or a number of seconds.` })

const upstream = z
  .strictObject({
    url: z.string().meta({ description: 'scheme://host[:port][/base], http or https; https is verified.' }),
    tls: tls.optional(),
    timeouts: timeouts.optional(),
    connections: z
      .int()
      .min(1)
      .max(65_536)
      .default(DEFAULTS.connections)
      .meta({ description: 'Connections at most.' }),
    queue: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(DEFAULTS.queue)
      .meta({ description: 'Requests that may wait for a connection; more are answered 503.' }),
    preserveHost: z.boolean().default(DEFAULTS.preserveHost).meta({
      description:
        'Whether the upstream gets the Host of the request in place of its own: for one that serves several names, or builds links, cookies or an origin check from Host. Give its routes `hosts`, or clients choose the name. TLS names stay those of the url.',
    }),
  })
  .meta({ description: 'A server behind the gateway.' })

/** The whole policy file, after several files are merged. */
export const PolicySchema = z
  .strictObject({
    version: z.literal(1).meta({ description: 'The version of this format.' }),
    upstreams: z.record(name, upstream).meta({ description: 'The servers behind the gateway, by name.' }),
    origins: z
      .record(name.regex(/^(?!(?:\*|null)$)[^:.]*$/, 'set-name'), originSet)
      .optional()
      .meta({ description: 'Named origin sets, for use in `allowOrigins`.' }),
    routes: z
      .array(route)
      .min(1)
      .meta({ description: 'The routes; the most specific one wins, whatever their order.' }),
    publicOrigins: z.array(z.string()).optional().meta({
      description:
        'The own origins of this gateway as browsers see them, where a proxy in front ends TLS or changes Host. Requests from them are same-origin: no rule is asked.',
    }),
    defaults: z
      .strictObject({
        mode: mode.default(DEFAULTS.mode).meta({ description: 'For routes without `mode`.' }),
        onDenied: onDenied.default(DEFAULTS.onDenied).meta({ description: 'For routes without `onDenied`.' }),
      })
      .optional()
      .meta({ description: 'For routes that do not say.' }),
  })
  .meta({ title: 'Crossgate policy', description: 'Which browsers’ origins may use which API, and how.' })

/** The policy as its authors write it. */
export type AuthoredPolicy = z.input<typeof PolicySchema>
export type AuthoredRoute = z.input<typeof route>
export type AuthoredRule = z.input<typeof rule>
export type AuthoredOrigin = z.input<typeof originEntry>
export type AuthoredUpstream = z.input<typeof upstream>
export type AuthoredTls = z.input<typeof tls>
export type AuthoredTimeouts = z.input<typeof timeouts>
export type AuthoredDefaults = NonNullable<AuthoredPolicy['defaults']>
