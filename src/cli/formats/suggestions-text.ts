import { REFUSALS } from '../../policy/suggestions/refusal.js'
import type { Suggestion, Suggestions } from '../../policy/suggestions/suggest-origins.js'

/**
 * Suggestions for a reviewer, each line a comment: `patch` and `git apply` skip what stands before the first `---`.
 *
 * @param more notes about the whole, before the rest
 * @param verbose every refused origin, not a few of each reason
 */
export function suggestionsText(
  { suggested, refused, blocked, wildcards, notes }: Suggestions,
  more: readonly string[],
  verbose: boolean,
): string {
  const lines = [
    `${suggested.length} origin${suggested.length === 1 ? '' : 's'} suggested, ${refused.length} refused.`,
    ...more.map(note => `! ${note}`),
    ...(blocked.requests > 0 ? [`! ${blockedText(blocked)}`] : []),
    ...notes.map(note => `! ${note}`),
    ...wildcards.map(
      ({ entry, route, origins }) =>
        `! route ${route}: ${origins.length} origins are ${entry} (${some(origins)}). If only people you trust can have a name there, one entry by hand holds them all`,
    ),
    ...suggested.flatMap(row => [
      '',
      `+ ${row.origin} on route ${row.route}, ${ruleText(row)}`,
      `    ${evidence(row)}`,
      ...(row.remarks ?? []).map(remark => `    ! ${remark}`),
    ]),
    ...groupsOf(refused).flatMap(rows => groupLines(rows, verbose)),
  ]
  return `${lines.map(line => (line === '' ? '#' : `# ${line}`)).join('\n')}\n\n`
}

function ruleText({ rule, joinsNew }: Suggestion): string {
  if (rule === 'new') return 'in a new rule'
  return joinsNew === true ? `in the same new rule (${rule})` : `in rule ${rule}`
}

function blockedText({ requests, origins, routes }: Suggestions['blocked']): string {
  const where = routes.length === 0 ? '' : ` on route${routes.length === 1 ? '' : 's'} ${some(routes)}`
  return `${requests} request${requests === 1 ? '' : 's'} of ${origins} origin${origins === 1 ? '' : 's'}${where} were blocked and are no candidates: only what report mode let pass is. --include-enforced considers them too, attackers among them`
}

function groupsOf(refused: readonly Suggestion[]): readonly (readonly Suggestion[])[] {
  const groups = new Map<string, Suggestion[]>()
  for (const row of refused) {
    const group = groups.get(row.reason ?? '')
    if (group === undefined) groups.set(row.reason ?? '', [row])
    else group.push(row)
  }
  const order = Object.keys(REFUSALS)
  return [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([, rows]) => rows)
}

function groupLines(rows: readonly Suggestion[], verbose: boolean): readonly string[] {
  const shown = verbose ? rows : rows.slice(0, EXAMPLES)
  const reason = rows[0]?.reason
  return [
    '',
    `- ${rows.length} refused: ${reason === undefined ? '' : REFUSALS[reason]}`,
    ...shown.map(
      row =>
        `    ${row.origin}${row.route === '' ? '' : ` on route ${row.route}`}${row.detail === undefined ? '' : ` (${row.detail})`}: ${evidence(row)}`,
    ),
    ...(shown.length < rows.length ? [`    … and ${rows.length - shown.length} more (--verbose)`] : []),
  ]
}

function evidence({ count, firstSeen, lastSeen, methods, headers, preflight }: Suggestion): string {
  const parts = [
    `denied ${count} time${count === 1 ? '' : 's'}`,
    `${firstSeen.slice(0, 16)}Z to ${lastSeen.slice(0, 16)}Z`,
    methods.join(' '),
    preflight ? 'preflight seen' : 'no preflight seen',
  ]
  return [...parts, ...(headers.length > 0 ? [`headers ${headers.join(' ')}`] : [])].join(', ')
}

function some(texts: readonly string[]): string {
  const shown = texts.slice(0, EXAMPLES).join(', ')
  return texts.length > EXAMPLES ? `${shown} and ${texts.length - EXAMPLES} more` : shown
}

const EXAMPLES = 3
