/** What a code is about, for every report and for docs/scan.md. */
export interface ScanCodeFacts {
  readonly title: string
  /** Why it matters: what someone could do with it, and when not. */
  readonly why: string
  /** Which policy mends it: see `fix.ts`. */
  readonly fix: 'exact-origins' | 'public' | 'none'
  readonly references: readonly string[]
}

export const CWE = 'CWE-942: https://cwe.mitre.org/data/definitions/942.html'
const OWASP_TEST =
  'OWASP WSTG-CLNT-07: https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/11-Client-side_Testing/07-Testing_Cross_Origin_Resource_Sharing'
const OWASP_API =
  'OWASP API8:2023: https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/'
export const FETCH = 'Fetch, CORS protocol: https://fetch.spec.whatwg.org/#http-cors-protocol'
export const CACHES =
  'Fetch, CORS protocol and HTTP caches: https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches'
export const WEBSOCKET = 'CWE-1385: https://cwe.mitre.org/data/definitions/1385.html'
export const PRIVATE = 'Private Network Access: https://wicg.github.io/private-network-access/'
export const TRUST = [CWE, OWASP_TEST, OWASP_API]
