import { missText } from '../../cors/near-miss-text.js'
import { notAllowedText } from '../../cors/not-allowed.js'
import { REASONS } from '../../cors/reason.js'
import type { CompiledPolicy, CompiledRoute } from '../../policy/compiled/compiled-policy.js'
import type { CandidateRoute } from '../../policy/explain/candidate-routes.js'
import type { Explanation } from '../../policy/explain/explain.js'
import type { NearestRoute } from '../../policy/explain/nearest-routes.js'
import type { RuleTrace } from '../../policy/explain/rule-traces.js'
import { verdictText } from '../../policy/explain/verdict.js'
import { placeOf } from '../../policy/problems/source.js'
import { hostsText } from '../../policy/resolved/host-pattern-text.js'
import { escapeControls } from '../../report/display-text.js'
import type { ExplainInput } from '../given/explain-input.js'
import { painter } from '../terminal/terminal.js'
import type { ExplainedRequest } from './explained-request.js'

/** An explanation for people: what was asked, step by step how it was decided, and what comes of it. */
export function explanationText(
  policy: CompiledPolicy,
  explanation: ExplainedRequest,
  input: ExplainInput,
  colour: boolean,
): string {
  const paint = painter(colour)
  const { request, path, fault, candidates, nearestRoutes, rules, headers, browser } = explanation
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [
      'Path',
      [
        path ??
          `none: ${fault === undefined ? 'the request is refused before its path is read' : `the target is ambiguous (${fault})`}`,
      ],
    ],
    [
      'Routes',
      candidates.length === 0 && path !== undefined
        ? ['none matches; nearest:', ...nearestRoutes.flatMap(nearestLines)]
        : candidates.flatMap(candidateLines),
    ],
    ['Rules', rules.flatMap(ruleLines)],
    ['Near miss', nearMissLines(explanation)],
    ['Perhaps', meantLines(explanation)],
    ['Decision', decisionLines(explanation)],
    ['Headers', headerLines(headers)],
    ['Browser', browser?.sentences ?? []],
    ['Record', recordLines(explanation, input)],
    ['Note', input.notes],
    ['Policy', [`revision ${policy.revision.slice(0, 12)}`]],
  ]
  const scheme = request.websocket ? request.scheme.replace('http', 'ws') : request.scheme
  const title = `${request.method} ${scheme}://${request.host}${request.target} ${request.origin === undefined ? 'without Origin' : `from ${request.origin}`}`
  const verdict = paint(...headline(explanation))
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => section(paint('strong', name.padEnd(WIDTH)), lines))
  return `${escapeControls(title)}: ${verdict}\n\n${body.join('\n')}\n`
}

function headline({ evaluation, verdict }: Explanation): Parameters<ReturnType<typeof painter>> {
  const { enforced, action } = evaluation.decision
  if (verdict.outcome === 'allowed') return ['good', verdict.outcome]
  if (!enforced && action === 'forward')
    return ['warn', 'would be denied, but its route only reports and lets it through']
  return ['bad', verdict.step === 'preflight' ? verdictText(verdict) : verdict.outcome]
}

function section(name: string, lines: readonly string[]): string {
  return lines
    .map((line, index) => `${index === 0 ? name : ' '.repeat(WIDTH)}${escapeControls(line)}`)
    .join('\n')
}

function candidateLines({ route, chosen, why }: CandidateRoute): readonly string[] {
  return [`${chosen ? '>' : ' '} ${routeText(route)}`, `    ${why}`]
}

function nearestLines({ route, why }: NearestRoute): readonly string[] {
  return [`  ${routeText(route)}`, `    ${why}`]
}

function routeText(route: CompiledRoute): string {
  return `${route.id}  (${hostsText(route)}, ${route.path}, ${placeOf(route.position)})`
}

function ruleLines({ index, position, verdict, why, entry, nearMiss }: RuleTrace): readonly string[] {
  const set = entry?.set === undefined ? '' : ` of the set ${entry.set}`
  const held = entry === undefined ? why : `${entry.text}${set} holds it (${placeOf(entry.position)})`
  return [
    `${verdict === 'holds' ? '>' : ' '} cors[${index}]  (${placeOf(position)})`,
    `    ${verdict === 'holds' ? 'decides: ' : ''}${held}`,
    ...(nearMiss === undefined ? [] : [`    nearly: ${missText(nearMiss)}`]),
  ]
}

// Most often it is one of a rule, and stands there.
function nearMissLines({ nearMiss, rules }: Explanation): readonly string[] {
  if (nearMiss === undefined) return []
  const text = missText(nearMiss)
  return rules.some(rule => rule.nearMiss !== undefined && missText(rule.nearMiss) === text) ? [] : [text]
}

function meantLines({ meant }: ExplainedRequest): readonly string[] {
  if (meant === undefined) return []
  const { entry, letters } = meant
  return [
    `${entry.text} is meant (${placeOf(entry.position)}), which differs by ${letters === 1 ? 'one letter' : 'two letters'}:`,
    '  mistyped there or here; or this is somebody who imitates it, so look before you allow it',
  ]
}

function decisionLines({
  evaluation,
  upstreamUrl,
  upstreamHost,
  notAllowed,
}: Explanation): readonly string[] {
  const { decision, route } = evaluation
  const by = decision.rule === undefined ? '' : `, by cors[${decision.rule.index}] of ${route?.id}`
  const host = upstreamHost === undefined ? '' : `, with the Host ${upstreamHost}`
  const done =
    decision.action === 'forward'
      ? `the request goes to ${upstreamUrl}${host}${decision.enforced ? '' : '; report mode changes nothing on the way'}`
      : `Crossgate answers ${decision.status}, and the upstream never hears of it`
  return [
    `${decision.outcome}: ${decision.reason} (${REASONS[decision.reason].title}${by})`,
    ...(notAllowed === undefined ? [] : [`not allowed: ${notAllowedText(notAllowed)}`]),
    done,
  ]
}

function headerLines(flat: readonly string[]): readonly string[] {
  if (flat.length === 0) return ['no Access-Control-* header, no Vary of ours']
  return Array.from({ length: flat.length / 2 }, (_, index) => `${flat[2 * index]}: ${flat[2 * index + 1]}`)
}

function recordLines(
  { evaluation: { decision } }: Explanation,
  { recorded }: ExplainInput,
): readonly string[] {
  if (recorded === undefined) return []
  if (recorded.outcome === decision.outcome && recorded.reason === decision.reason)
    return ['the record says the same']
  return [
    `the record says ${recorded.outcome}: ${recorded.reason}; with this policy it is ${decision.outcome}: ${decision.reason}`,
  ]
}

/** Of the left column. */
const WIDTH = 11
