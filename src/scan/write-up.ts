import { createHash } from 'node:crypto'
import { SCAN_CODES } from './codes.js'
import { curlOf } from './curl.js'
import { headerOf } from './exchange.js'
import type { ScanFinding, Suspicion } from './finding.js'
import { fixOf } from './fix.js'
import { type Observation, ofKind } from './observation.js'
import type { Place } from './probes/probe.js'
import { proofOf, redact, secretsOf, shown } from './proof.js'
import type { Session } from './session.js'

/** Makes a finding of a suspicion: with its proof, its reason and its remedy, and without a secret. */
export function writeUp(
  { code, severity, message, exchange, notes = [] }: Suspicion,
  observation: Observation,
  session: Session,
  route?: string,
): ScanFinding {
  const { target, known } = observation
  const webSocket = ofKind(observation, 'websocket').some(({ answer }) => answer.status === 101)
  const { at } = exchange.probe
  const secrets = secretsOf(session.headers)
  const curl = curlOf(target, exchange, session, text => redact(text, secrets))
  const { why, fix, references } = SCAN_CODES[code]
  return {
    code,
    severity,
    url: target.url,
    ...(route !== undefined && { route }),
    message: shown(message, secrets),
    notes: notes.map(note => shown(note, secrets)),
    proof: proofOf(exchange, secrets),
    ...(curl !== undefined && { curl }),
    why,
    fix: fixOf(fix, target, { known, at, webSocket, credentials: grantsCredentials(observation, at) }),
    references,
    fingerprint: fingerprint(code, target.url, route),
  }
}

/** Whether the URL, or the neighbour at fault, sends data with credentials; browsers refuse them together with `*`. */
function grantsCredentials({ exchanges }: Observation, at: Place): boolean {
  return exchanges.some(
    ({ probe, answer }) =>
      (probe.at === 'url' || probe.at === at) &&
      probe.method === 'GET' &&
      headerOf(answer, 'access-control-allow-origin') !== '*' &&
      headerOf(answer, 'access-control-allow-credentials') === 'true',
  )
}

/** Random labels and wording are no part of it: the same misconfiguration is the same finding tomorrow. */
function fingerprint(...parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
