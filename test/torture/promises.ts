/** One promise of the suite: what may be tried and what must hold. */
export interface PromiseSpec {
  readonly id: string
  /** Q: seconds. S: a soak, shortened unless run with --full. */
  readonly kind: 'Q' | 'S'
  readonly promise: string
  readonly passes: string
}

/** Every promise that this suite holds, in the order of docs/promises.md. */
export const PROMISES: readonly PromiseSpec[] = [
  {
    id: 'R1',
    kind: 'Q',
    promise: 'the path decided on is the path forwarded',
    passes:
      "400/404, or the upstream's bytes, canonicalised in six ways (WHATWG, RFC 3986, nginx, servlet `;`, IIS `\\`, double decode), fall in the route that was logged",
  },
  {
    id: 'R2',
    kind: 'Q',
    promise: 'no escape from a prefix',
    passes: '400 and nothing upstream, or byte-identical inside its route',
  },
  {
    id: 'R3',
    kind: 'Q',
    promise: 'malformed targets',
    passes: '400 / 405 / 421, never 500, one valid log line',
  },
  {
    id: 'R4',
    kind: 'Q',
    promise: 'precedence is total and stable',
    passes: 'same winner as a naive oracle every time',
  },
  {
    id: 'S1',
    kind: 'Q',
    promise: 'request smuggling',
    passes: '400 and close; the upstream sees no byte',
  },
  {
    id: 'S2',
    kind: 'Q',
    promise: 'pipelining',
    passes: 'each its own decision and record',
  },
  {
    id: 'S3',
    kind: 'Q',
    promise: 'header limits',
    passes: '431 over the limit; Origin never silently lost',
  },
  {
    id: 'S4',
    kind: 'Q',
    promise: 'duplicate singletons',
    passes: '400 or denied',
  },
  {
    id: 'S5',
    kind: 'Q',
    promise: 'upstream framing faults',
    passes: '502; none of its text reaches the client; the next client never gets it',
  },
  {
    id: 'S6',
    kind: 'Q',
    promise: 'response splitting',
    passes: 'no extra header or status line',
  },
  {
    id: 'S7',
    kind: 'Q',
    promise: 'prototype names',
    passes: 'no crash, no lookup hit',
  },
  {
    id: 'H1',
    kind: 'Q',
    promise: 'hop-by-hop',
    passes: 'gone; what we own survives `Connection: origin, cookie, host`',
  },
  {
    id: 'H2',
    kind: 'Q',
    promise: 'forwarded headers are ours',
    passes: 'the upstream sees our values only',
  },
  {
    id: 'H3',
    kind: 'Q',
    promise: 'headers survive',
    passes: 'same multiset; Set-Cookie order kept',
  },
  {
    id: 'H4',
    kind: 'Q',
    promise: 'odd headers are never a 5xx',
    passes: '2xx or 4xx',
  },
  {
    id: 'C1',
    kind: 'Q',
    promise: 'upstream CORS headers never survive',
    passes: 'none but ours; exactly one ACAO',
  },
  {
    id: 'C2',
    kind: 'Q',
    promise: 'the allowlist is exact',
    passes: 'no accept outside an independent oracle',
  },
  {
    id: 'C3',
    kind: 'S',
    promise: 'matcher equals oracle',
    passes: 'identical',
  },
  {
    id: 'C4',
    kind: 'Q',
    promise: 'Vary',
    passes:
      "upstream tokens kept, Origin once; a simulated shared cache never gives one origin's answer to another",
  },
  {
    id: 'C5',
    kind: 'Q',
    promise: 'preflights never leave',
    passes: 'the upstream receives none',
  },
  {
    id: 'C6',
    kind: 'Q',
    promise: 'header-list abuse',
    passes: '2 ms and 256 KB at most each; right verdict below the caps',
  },
  {
    id: 'C7',
    kind: 'Q',
    promise: 'block stops simple CSRF',
    passes: '403 and nothing upstream; own origin always passes',
  },
  {
    id: 'C8',
    kind: 'Q',
    promise: 'errors stay readable',
    passes: 'same CORS headers and Vary as a success; no internal address',
  },
  {
    id: 'W1',
    kind: 'Q',
    promise: 'WebSocket',
    passes: "403 before the upstream is dialled; process alive; the upstream's status, not a false 101",
  },
  {
    id: 'W2',
    kind: 'S',
    promise: 'WebSocket backpressure',
    passes: 'memory bounded, others unaffected',
  },
  {
    id: 'W3',
    kind: 'S',
    promise: 'WebSocket conformance',
    passes: 'every frame as it was sent; a conformance suite sees the same as without the gateway',
  },
  {
    id: 'U1',
    kind: 'Q',
    promise: 'upstream down',
    passes: '502 / 504 in the connect timeout',
  },
  {
    id: 'U2',
    kind: 'Q',
    promise: 'reset before headers',
    passes: 'POST seen once at the upstream',
  },
  {
    id: 'U3',
    kind: 'Q',
    promise: 'reset mid-body',
    passes: 'a visible cut, never a complete answer',
  },
  {
    id: 'U4',
    kind: 'S',
    promise: 'keep-alive race',
    passes: 'no duplicate POST; no failed GET',
  },
  {
    id: 'U5',
    kind: 'Q',
    promise: 'no retry storm',
    passes: 'exactly 200 upstream; healthy at once afterwards; sockets within the pool',
  },
  {
    id: 'U6',
    kind: 'Q',
    promise: 'slow upstream',
    passes: '504 or cut; slot free again',
  },
  {
    id: 'U7',
    kind: 'Q',
    promise: 'the client leaves',
    passes: 'upstream requests end within 1 s',
  },
  {
    id: 'U8',
    kind: 'Q',
    promise: 'early answer',
    passes: 'the client gets it; next request clean',
  },
  {
    id: 'U9',
    kind: 'Q',
    promise: 'queue bounded',
    passes: '503 + Retry-After quickly; memory bounded',
  },
  {
    id: 'U10',
    kind: 'Q',
    promise: 'one bad upstream',
    passes: "the healthy one's p99 within 1.5×",
  },
  {
    id: 'U11',
    kind: 'Q',
    promise: 'upstream TLS',
    passes: '502 unless a CA or the dangerous switch says so',
  },
  {
    id: 'U12',
    kind: 'Q',
    promise: 'bytes',
    passes: 'equal by hash; first event within 50 ms',
  },
  {
    id: 'U13',
    kind: 'Q',
    promise: 'chunks of one byte',
    passes: 'a heap of 96 MB holds 60 answers that nobody reads; another upstream is served',
  },
  {
    id: 'L1',
    kind: 'S',
    promise: 'load',
    passes: 'no unexplained error; no memory slope',
  },
  {
    id: 'L2',
    kind: 'Q',
    promise: 'slowloris',
    passes: 'closed by their timeout; honest traffic unharmed; memory bounded',
  },
  {
    id: 'L3',
    kind: 'Q',
    promise: 'body limit on streams',
    passes: '413 before forwarding; upstream request reset',
  },
  {
    id: 'L4',
    kind: 'S',
    promise: 'denial flood',
    passes: 'honest p99 < 5×; log volume and metric series bounded; counts add up',
  },
  {
    id: 'L5',
    kind: 'Q',
    promise: 'asymmetry',
    passes: 'under 100× the cost of a plain GET, aim for 10×',
  },
  {
    id: 'L6',
    kind: 'Q',
    promise: 'what is remembered of each route',
    passes: 'a heap of 96 MB holds what strangers and an upstream make up on 200 routes',
  },
  {
    id: 'D1',
    kind: 'Q',
    promise: 'SIGTERM loses nothing',
    passes: 'in-flight complete; readiness fails first; exit 0 by the deadline',
  },
  {
    id: 'D2',
    kind: 'Q',
    promise: 'crash and restart',
    passes: 'port reusable; audit gap provable by sequence',
  },
  {
    id: 'P1',
    kind: 'S',
    promise: 'atomic reload',
    passes: 'every response matches one revision, and its record says which',
  },
  {
    id: 'P2',
    kind: 'S',
    promise: 'bad file',
    passes: 'hot: last good stays, said loudly; cold: exit 2, no port opened',
  },
  {
    id: 'P3',
    kind: 'Q',
    promise: 'how files change',
    passes: 'final content active within 2 s, never a mix, never partial',
  },
  {
    id: 'P4',
    kind: 'S',
    promise: 'reload leaks nothing',
    passes: 'no error; unused pools closed; memory flat',
  },
  {
    id: 'A1',
    kind: 'S',
    promise: 'record before response',
    passes: 'every response received has its record',
  },
  {
    id: 'A2',
    kind: 'Q',
    promise: 'forging',
    passes: 'each line parses; one per record; capped',
  },
  {
    id: 'A3',
    kind: 'Q',
    promise: 'disk full, stalled reader',
    passes: 'documented mode; memory bounded; recovers',
  },
  {
    id: 'A4',
    kind: 'S',
    promise: 'rotation',
    passes: 'no line lost or split',
  },
  {
    id: 'A5',
    kind: 'Q',
    promise: 'secrets',
    passes: 'in no log at any level',
  },
  {
    id: 'M1',
    kind: 'S',
    promise: 'cardinality',
    passes: 'series count unchanged',
  },
  {
    id: 'M2',
    kind: 'Q',
    promise: 'admin apart',
    passes: '404; admin on loopback by default',
  },
  {
    id: 'X1',
    kind: 'S',
    promise: 'fuzz',
    passes: 'no crash; no boundary that gateway and upstream disagree on; accepted or typed error',
  },
  {
    id: 'X2',
    kind: 'Q',
    promise: 'scanned by our own scanner',
    passes: 'nothing found',
  },
]
