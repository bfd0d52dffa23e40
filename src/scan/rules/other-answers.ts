import type { ScanCode } from '../codes.js'
import { isRedirect } from '../exchange.js'
import type { ScanSeverity, Suspicion } from '../finding.js'
import { type Observation, type WithOrigin, withOrigin } from '../observation.js'
import type { Place } from '../probes/probe.js'
import { echoes, readable } from '../readable.js'
import { foreignReads } from './foreign-reads.js'
import { passedPreflights } from './preflights.js'
import { foreignReach, foreignSeverity } from './severity.js'

/** HEAD, plain OPTIONS, errors and neighbours of the URL, where they let in whom GET does not. */
export function otherAnswers(observation: Observation): readonly Suspicion[] {
  if (foreignReads(observation) === 'credentialed') return []
  const accepted = (
    kind: 'head' | 'options' | 'elsewhere',
    counts: (exchange: WithOrigin) => boolean = () => true,
  ): WithOrigin | undefined =>
    withOrigin(observation, kind)
      .filter(counts)
      .filter(({ answer, probe }) => echoes(answer, probe.origin))
      .sort((a, b) => weight(b) - weight(a))
      .find(exchange => credentials(exchange) || foreignReads(observation) === 'no')
  const head = accepted('head')
  const options = accepted('options', isOk)
  const elsewhere = accepted('elsewhere')
  return [
    ...(head === undefined ? [] : [suspicion('head-differs', 'HEAD', head, observation)]),
    ...(elsewhere === undefined
      ? []
      : [
          suspicion(
            'elsewhere-accepted',
            elsewhere.probe.method === 'GET'
              ? PLACES[elsewhere.probe.at]
              : 'The answer to a method that is not served',
            elsewhere,
            observation,
            isRedirect(elsewhere) ? 'info' : undefined,
          ),
        ]),
    ...(options === undefined || elsewhere !== undefined || passedPreflights(observation).length > 0
      ? []
      : [suspicion('options-differs', 'Plain OPTIONS', options, observation, 'info')]),
  ]
}

function suspicion(
  code: ScanCode,
  what: string,
  exchange: WithOrigin,
  { session }: Observation,
  severity?: ScanSeverity,
): Suspicion {
  const read = readable(exchange.answer, exchange.probe.origin)
  // The session was compared on the URL itself; here its effect is not proven.
  const effect = session === 'proven' ? 'unknown' : session
  return {
    code,
    severity: severity ?? foreignSeverity(read, effect),
    message: `${what} accepts a random origin that GET does not: any page is let in, ${foreignReach(read, effect)}`,
    exchange,
  }
}

/** What shows most first: a redirect shows nothing, for no script can read one. */
function weight(exchange: WithOrigin): number {
  return (isRedirect(exchange) ? 0 : 2) + (credentials(exchange) ? 1 : 0)
}

function isOk({ answer }: WithOrigin): boolean {
  return answer.status >= 200 && answer.status < 300
}

function credentials({ answer, probe }: WithOrigin): boolean {
  return readable(answer, probe.origin) === 'credentialed'
}

const PLACES: Readonly<Record<Place, string>> = {
  url: 'The answer to a request without a session',
  'unknown-path': 'An unknown path beside the URL',
  'bad-path': 'The answer to a malformed path',
  'bad-query': 'The answer to a malformed query',
  'slash-path': 'The URL with its last slash added or removed',
  'double-slash-path': 'The URL with two slashes at the front',
  unique: 'The URL with another query',
}
