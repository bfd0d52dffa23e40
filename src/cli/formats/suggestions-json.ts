import type { Suggestion, Suggestions } from '../../policy/suggestions/suggest-origins.js'
import { formatJson } from '../../report/json.js'

/**
 * Suggestions for tools. A refusal has a `code` and a sentence `why`; `reason` would be one of the decisions'.
 *
 * @param more what the command itself has to say
 */
export function suggestionsJson(
  { suggested, refused, blocked, wildcards, notes }: Suggestions,
  more: object,
): string {
  return formatJson('audit suggest', {
    suggested: suggested.map(rowJson),
    refused: refused.map(rowJson),
    blocked,
    wildcards,
    notes,
    ...more,
  })
}

function rowJson({ origin, route, reason, refused, ...row }: Suggestion): object {
  return {
    origin,
    ...(route !== '' && { route }),
    ...row,
    ...(reason !== undefined && { code: reason, why: refused }),
  }
}
