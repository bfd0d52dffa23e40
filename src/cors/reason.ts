/**
 * The closed list of reasons: why a request was decided as it was. The same string stands in the decision, the
 * audit record, the metric label, the refusal, `explain` and docs/reasons.md.
 */
export const REASONS = {
  'not-cors': { outcome: 'allowed', status: 0, title: 'Not a CORS request' },
  'same-origin': { outcome: 'allowed', status: 0, title: 'Same-origin request' },
  'origin-allowed': { outcome: 'allowed', status: 0, title: 'Origin allowed' },
  public: { outcome: 'allowed', status: 0, title: 'Public: any origin allowed' },
  'preflight-allowed': { outcome: 'allowed', status: 204, title: 'Preflight allowed' },
  'origin-not-allowed': { outcome: 'denied', status: 403, title: 'Origin not allowed' },
  'origin-null': { outcome: 'denied', status: 403, title: 'Opaque origin not allowed' },
  'origin-malformed': { outcome: 'denied', status: 403, title: 'Origin malformed' },
  'origin-expired': { outcome: 'denied', status: 403, title: 'Origin no longer allowed' },
  'origin-missing': { outcome: 'denied', status: 403, title: 'Origin required' },
  'method-not-allowed': { outcome: 'denied', status: 403, title: 'Method not allowed for this origin' },
  'header-not-allowed': { outcome: 'denied', status: 204, title: 'Request header not allowed' },
  'cross-site-load': { outcome: 'denied', status: 403, title: 'Not to be loaded by other sites' },
  'cross-site-navigation': {
    outcome: 'denied',
    status: 403,
    title: 'Not to be sent or embedded by other sites',
  },
  'preflight-malformed': { outcome: 'denied', status: 403, title: 'Preflight malformed' },
  'websocket-not-enabled': { outcome: 'denied', status: 403, title: 'WebSocket not enabled' },
  'request-malformed': { outcome: 'denied', status: 400, title: 'Request malformed' },
  'too-many-headers': { outcome: 'denied', status: 431, title: 'Too many header fields' },
  'request-timeout': { outcome: 'denied', status: 408, title: 'Request not received in time' },
  'method-not-served': { outcome: 'denied', status: 405, title: 'Method not served here' },
  'upgrade-not-served': { outcome: 'denied', status: 400, title: 'Protocol upgrade not served here' },
  'target-ambiguous': { outcome: 'denied', status: 400, title: 'Request target ambiguous' },
  'host-not-found': { outcome: 'denied', status: 421, title: 'Host not served here' },
  'route-not-found': { outcome: 'denied', status: 404, title: 'No such route' },
  'audit-unavailable': {
    outcome: 'denied',
    status: 503,
    title: 'Requests are refused while they cannot be recorded',
  },
} as const satisfies Record<string, ReasonFacts>

export type Reason = keyof typeof REASONS

export interface ReasonFacts {
  readonly outcome: 'allowed' | 'denied'
  /** The status that Crossgate itself answers with; 0 where the upstream answers. */
  readonly status: number
  /** For people: the refusal's title. */
  readonly title: string
}
