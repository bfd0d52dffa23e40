import { parseDuration, WHOLE_SECONDS } from '../../syntax/duration.js'
import {
  childOf,
  type Field,
  fieldOf,
  fieldPositions,
  flagOf,
  numberOf,
  textOf,
  type YamlNode,
} from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import { positionOf } from '../problems/source.js'
import type { OriginTable } from '../resolved/origin-table.js'
import type { ResolvedOriginSet, ResolvedRule } from '../resolved/resolved-policy.js'
import type { AuthoredRule } from '../schema/schema.js'
import { checkOrigins } from './check-origins.js'
import type { HazardIndex, OriginHazards } from './origin-hazards.js'
import { resolveAllowOrigins } from './resolve-allow-origins.js'
import { resolveAllowHeaders, resolveExposeHeaders } from './resolve-headers.js'
import { resolveMethods } from './resolve-methods.js'

/** What rules share: the named sets, and which of their entries need a switch. */
export interface RuleContext {
  readonly table: OriginTable
  readonly sets: ReadonlyMap<string, ResolvedOriginSet>
  readonly hazards: HazardIndex
  readonly problems: ProblemList
}

export function resolveRule(node: YamlNode, context: RuleContext): ResolvedRule {
  const { problems } = context
  const isOn = (name: keyof AuthoredRule) => flagOf(childOf<AuthoredRule>(node, name)) ?? false
  const credentials = isOn('allowCredentials')

  const references = resolveAllowOrigins(
    childOf<AuthoredRule>(node, 'allowOrigins'),
    context.sets,
    context.table,
    problems,
  )
  checkOrigins(
    references,
    {
      credentials,
      allowNull: isOn('dangerouslyAllowNullOrigin'),
      allowInsecure: isOn('dangerouslyAllowInsecureOrigins'),
      allowPublicSuffix: isOn('dangerouslyAllowPublicSuffix'),
    },
    context.hazards,
    problems,
  )
  const holds = (kind: keyof OriginHazards) =>
    references.some(({ set }) => context.hazards.of(set)[kind].length > 0)
  const needed = {
    dangerouslyAllowNullOrigin: holds('opaque'),
    dangerouslyAllowInsecureOrigins: credentials && holds('insecure'),
    dangerouslyAllowPublicSuffix: holds('publicSuffix'),
  }
  const dangerous = SWITCHES.filter(isOn)
  for (const name of dangerous) if (!needed[name]) warnOfIdleSwitch(node, name, problems)

  const headers = resolveAllowHeaders(childOf<AuthoredRule>(node, 'allowHeaders'), credentials, problems)
  const exposed = resolveExposeHeaders(childOf<AuthoredRule>(node, 'exposeHeaders'), credentials, problems)
  return {
    origins: references.map(({ set }) => set),
    anyOrigin: holds('everyone'),
    ...resolveMethods(childOf<AuthoredRule>(node, 'allowMethods'), credentials, problems),
    allowHeaders: headers.names,
    anyHeader: headers.any,
    exposeHeaders: exposed.names,
    exposeAny: exposed.any,
    allowCredentials: credentials,
    maxAge: resolveMaxAge(childOf<AuthoredRule>(node, 'maxAge'), problems),
    allowPrivateNetwork: isOn('allowPrivateNetwork'),
    allowTiming: isOn('allowTiming'),
    dangerous,
    position: positionOf(node),
    fields: fieldPositions(node),
  }
}

/** Seconds. */
function resolveMaxAge(node: YamlNode | undefined, problems: ProblemList): number | undefined {
  const milliseconds = parseDuration(numberOf(node) ?? textOf(node) ?? '', WHOLE_SECONDS)
  if (node === undefined || milliseconds === undefined) return undefined
  const seconds = milliseconds / 1000
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_AGE) return seconds
  problems.error('max-age-range', node, '`maxAge` is whole seconds from 0 to 24h', {
    suggestion: 'browsers cut it to 2h (Chromium) or 24h (Firefox) anyway: 10m is a good start',
  })
  return undefined
}

function warnOfIdleSwitch(rule: YamlNode, name: (typeof SWITCHES)[number], problems: ProblemList): void {
  const field = fieldOf<AuthoredRule>(rule, name) as Field
  problems.warning('switch-without-effect', field.key, `nothing in this rule needs \`${name}\``, {
    suggestion: 'remove it',
  })
}

/** 24h in seconds: the most that any browser keeps a preflight answer. */
const MAX_AGE = 86_400

const SWITCHES = [
  'dangerouslyAllowNullOrigin',
  'dangerouslyAllowInsecureOrigins',
  'dangerouslyAllowPublicSuffix',
] as const satisfies readonly (keyof AuthoredRule)[]
