import type { Decision } from '../../cors/decision.js'
import { REASONS } from '../../cors/reason.js'
import type { CompiledPolicy, CompiledRoute } from '../../policy/compiled/compiled-policy.js'
import type { SetEntry } from '../../policy/compiled/expired-entry.js'
import type { Position } from '../../policy/problems/problem.js'
import { hostPatternText } from '../../policy/resolved/host-pattern-text.js'
import { lastDayOf } from '../../policy/resolved/last-day.js'
import type { ExplainInput } from '../given/explain-input.js'
import type { ExplainedRequest } from './explained-request.js'

/** An explanation for tools. Fields are added and never renamed; `rule` counts from 0, as in the audit record. */
export function explanationJson(
  policy: CompiledPolicy,
  explanation: ExplainedRequest,
  input: ExplainInput,
): object {
  const { request, evaluation, path, fault, candidates, rules, nearMiss, headers, browser } = explanation
  const { decision, route } = evaluation
  const { nearestRoutes, upstreamUrl, upstreamHost, verdict, notAllowed, meant } = explanation
  const { recorded } = input
  return {
    policyRevision: policy.revision,
    request: {
      kind: decision.kind,
      method: request.method,
      scheme: request.scheme,
      host: request.host,
      target: request.target,
      origin: request.origin,
      requestedMethod: request.requestMethod,
      requestedHeaders: request.requestHeaders,
    },
    path,
    fault,
    candidates: candidates.map(({ route: candidate, chosen, why }) => ({
      ...routeJson(candidate),
      chosen,
      why,
    })),
    ...(nearestRoutes.length > 0 && {
      nearestRoutes: nearestRoutes.map(({ route: near, why }) => ({ ...routeJson(near), why })),
    }),
    rules: rules.map(({ index, position, verdict, why, entry, expired, nearMiss: miss }) => ({
      rule: index,
      ...placeOf(position),
      verdict,
      why,
      ...(entry && { entry: entryJson(entry) }),
      ...(expired && { expired: entryJson(expired) }),
      nearMiss: miss,
    })),
    nearMiss,
    ...(meant && { perhapsMeant: { ...entryJson(meant.entry), letters: meant.letters } }),
    decision: {
      ...decisionJson(decision),
      title: REASONS[decision.reason].title,
      route: route?.id,
      rule: decision.rule?.index,
    },
    ...(notAllowed && { notAllowed }),
    verdict,
    headers: pairs(headers),
    ...(upstreamUrl !== undefined && {
      upstream: { name: route?.upstream.name, url: upstreamUrl, host: upstreamHost },
    }),
    ...(browser && {
      browser: {
        preflightNeeded: browser.preflight !== undefined,
        preflightBecause: browser.preflightBecause,
        ...(browser.preflight && {
          preflight: { ...decisionJson(browser.preflight), headers: pairs(browser.preflight.headers) },
        }),
        page: browser.page,
        pageWithCredentials: browser.pageWithCredentials,
        sentences: browser.sentences,
      },
    }),
    ...(recorded && {
      recorded: {
        ...recorded,
        agrees: recorded.outcome === decision.outcome && recorded.reason === decision.reason,
      },
    }),
    ...notesJson(input),
  }
}

/** What there is to know of the request as it was given. */
export function notesJson({ notes }: ExplainInput): object {
  return notes.length > 0 ? { notes } : {}
}

function routeJson({ id, hosts, path, position }: CompiledRoute) {
  return {
    route: id,
    hosts: hosts.map(hostPatternText),
    path,
    ...placeOf(position),
  }
}

function entryJson({ text, set, owner, expiresAt, position }: SetEntry) {
  const expires = expiresAt === undefined ? undefined : lastDayOf(expiresAt)
  return { text, set, owner, expires, ...placeOf(position) }
}

function decisionJson({ outcome, reason, enforced, action, status }: Decision) {
  return { outcome, reason, enforced, action, status }
}

function placeOf({ file, line, column }: Position) {
  return { file, line, column }
}

function pairs(flat: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => flat.slice(2 * index, 2 * index + 2))
}
