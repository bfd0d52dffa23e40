import { CACHES, CWE, FETCH, PRIVATE, type ScanCodeFacts, TRUST, WEBSOCKET } from './code-facts.js'
import { ORIGIN_MATCHER_CODES } from './origin-matcher-codes.js'

/** The closed list of CORS findings. Each has a row in docs/scan.md. */
export const SCAN_CODES = {
  ...ORIGIN_MATCHER_CODES,
  'origin-insecure': {
    title: 'Trusted names are accepted over http, with credentials',
    why: 'Whoever is on the network path of one visitor (a café, a hotel) can answer for the http page and read the API as that visitor.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-subdomain': {
    title: 'Every name below the trusted one is accepted, with credentials',
    why: 'One forgotten or taken-over subdomain, or one script injection on any of them, reads the API as its visitors.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-port': {
    title: 'Every port of the trusted host is accepted, with credentials',
    why: 'Another program on that host, or a development server, is another origin and gets the same trust.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-localhost': {
    title: 'localhost is accepted, with credentials',
    why: "Whatever listens on that port of a visitor's machine is trusted: a leftover of development that production does not need.",
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-extension': {
    title: 'Every browser extension is accepted, with credentials',
    why: 'An extension without any permission for this site reads it as the visitor who installed it. Name the identifiers of those that are meant.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-app': {
    title: 'The shared origin of installed apps or files is accepted, with credentials',
    why: 'Every app of a kind has the same origin (capacitor://localhost, and file:// in old WebViews), whoever wrote it: it names no one.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-unsendable': {
    title: 'A malformed Origin is accepted',
    why: 'No browser sends it, so that it cannot be exploited as it is. It shows that origins are parsed or folded and not compared, which is where the next bypass comes from.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-static-foreign': {
    title: 'A fixed foreign origin is allowed, with credentials',
    why: 'The answer trusts a site of another domain with every visitor. That may be meant; if that domain is sold or taken over, its next owner inherits the trust.',
    fix: 'exact-origins',
    references: TRUST,
  },
  wildcard: {
    title: 'Any site may read this, without credentials',
    why: 'That is right for public data and wrong for everything else. Cookies are not sent, so that a page sees what curl sees.',
    fix: 'public',
    references: [CWE, FETCH],
  },
  'wildcard-with-credentials': {
    title: '"*" together with credentials',
    why: 'Browsers refuse this combination, so that nothing can be read with it. Someone wanted credentials to work and will sooner or later "fix" it by reflecting the origin.',
    fix: 'exact-origins',
    references: [CWE, FETCH],
  },
  'internal-readable': {
    title: 'An internal server may be read by any site',
    why: "The network keeps strangers out, but a page in an employee's browser is inside. No cookies are needed.",
    fix: 'exact-origins',
    references: [...TRUST, PRIVATE],
  },
  'acao-malformed': {
    title: 'Access-Control-Allow-Origin is malformed',
    why: 'Browsers compare the value as it is: a list, a pattern, a path or two lines match no origin. It does not do what its author meant, and it shows the allowlist to everyone.',
    fix: 'exact-origins',
    references: [CWE, FETCH],
  },
  'vary-missing': {
    title: 'Vary: Origin is missing from an answer that depends on it',
    why: 'A cache keeps the answer for one origin and gives it to another: sites break at random, and an answer that names an attacker can be served to everybody.',
    fix: 'exact-origins',
    references: [CWE, CACHES],
  },
  'cache-poisoned': {
    title: "A cache gives one origin's answer to another",
    why: 'This was seen, not inferred: the answer to a second origin named the first. Whoever asks first decides who may read.',
    fix: 'exact-origins',
    references: ['CWE-524: https://cwe.mitre.org/data/definitions/524.html', CWE, CACHES],
  },
  'preflight-wider': {
    title: 'The preflight allows what the request does not',
    why: 'A preflight that passes is a permission to send: the browser then sends the PUT or DELETE with the cookies, and the server acts on it, even though the page cannot read the answer.',
    fix: 'exact-origins',
    references: [CWE, 'CWE-352: https://cwe.mitre.org/data/definitions/352.html', FETCH],
  },
  'preflight-any-method': {
    title: 'Preflights allow any method to a foreign origin, with credentials',
    why: 'The list of methods is a second line of defence; saying back what was asked gives it up.',
    fix: 'exact-origins',
    references: [CWE, FETCH],
  },
  'preflight-any-header': {
    title: 'Preflights allow any header to a foreign origin, with credentials',
    why: 'Many servers take a custom header as proof that a request is not forged; saying back what was asked gives that up.',
    fix: 'exact-origins',
    references: [CWE, FETCH],
  },
  'preflight-max-age': {
    title: 'Preflight answers are to be kept for more than a day',
    why: 'No browser keeps them that long, and a permission that was taken back should not live on.',
    fix: 'exact-origins',
    references: [FETCH],
  },
  'preflight-discloses': {
    title: 'A refused preflight tells what is allowed',
    why: 'The lists of methods and headers go to an origin that is not allowed. Browsers refuse it all the same; a map of the API is given away.',
    fix: 'exact-origins',
    references: [FETCH],
  },
  'private-network': {
    title: 'Foreign pages may reach into the private network',
    why: 'Access-Control-Allow-Private-Network tells browsers that pages of the internet may call this server inside a home or an office.',
    fix: 'exact-origins',
    references: [CWE, PRIVATE],
  },
  'websocket-origin': {
    title: 'WebSocket upgrades are accepted from any origin',
    why: 'CORS does not apply to WebSockets and cookies are always sent: unless the server looks at Origin, any page can open one as its visitor and read along.',
    fix: 'exact-origins',
    references: [
      WEBSOCKET,
      'OWASP WSTG-CLNT-10: https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/11-Client-side_Testing/10-Testing_WebSockets',
    ],
  },
  'head-differs': {
    title: 'HEAD accepts origins that GET does not',
    why: 'Two code paths decide, and one of them is wrong: headers are readable here, and often bodies elsewhere.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'options-differs': {
    title: 'Plain OPTIONS accepts origins that GET does not',
    why: 'Every OPTIONS is taken for a preflight. Little can be read, but the rule that answers it is not the one that guards the data.',
    fix: 'exact-origins',
    references: [CWE, FETCH],
  },
  'elsewhere-accepted': {
    title: 'Errors and neighbouring paths accept origins that the URL does not',
    why: 'The guard covers the good path only. Error pages tell about users and systems, and a redirect or a missing route is a way around.',
    fix: 'exact-origins',
    references: TRUST,
  },
  'origin-error': {
    title: 'A crafted Origin makes the server fail',
    why: 'A header that anyone can send should not cause a server error: it is unhandled input, and often a cheap way to use up the server.',
    fix: 'none',
    references: ['CWE-755: https://cwe.mitre.org/data/definitions/755.html'],
  },
  'redirect-not-followed': {
    title: 'The URL redirects, and the destination was not scanned',
    why: 'Only the URLs given are scanned. Browsers check CORS on every hop; scan the destination as well.',
    fix: 'none',
    references: [FETCH],
  },
  'policy-wider': {
    title: 'More is allowed than the policy intends',
    why: 'A page that the policy refuses can read this, or send to it: something answers in place of the gateway, or around it.',
    fix: 'none',
    references: TRUST,
  },
  'policy-narrower': {
    title: 'Less is allowed than the policy intends',
    why: 'A page that the policy allows is refused by browsers: nothing leaks, and something does not work.',
    fix: 'none',
    references: [FETCH],
  },
  'policy-vary': {
    title: 'Vary differs from what the policy sends',
    why: 'Answers that depend on the origin must say so to caches.',
    fix: 'none',
    references: [CACHES],
  },
} as const satisfies Record<string, ScanCodeFacts>

export type ScanCode = keyof typeof SCAN_CODES
