import { type ScanCodeFacts, TRUST } from './code-facts.js'

/** What a server's matcher gets wrong so that strangers are let in. */
export const ORIGIN_MATCHER_CODES = {
  'origin-reflected': matcher(
    'Any origin is accepted',
    'The server says back whatever Origin it is sent, so that every site on the web is allowed.',
  ),
  'origin-null': matcher(
    'The origin "null" is accepted',
    'Every page can make itself a sandboxed frame whose origin is null.',
  ),
  'origin-contains': matcher(
    'Origins that contain a trusted name are accepted',
    'The matcher looks for the trusted name anywhere, and anyone can register a name around it.',
  ),
  'origin-prefix': matcher(
    'Origins that begin with a trusted name are accepted',
    'The matcher does not look at the end of the name: trusted.example.evil.example begins as it should.',
  ),
  'origin-glued-suffix': matcher(
    'Origins that continue a trusted name are accepted',
    'The matcher does not end where the name does: anyone can register a longer one.',
  ),
  'origin-other-tld': matcher(
    'The trusted name is accepted under other top-level domains',
    'The matcher leaves the top-level domain open, and the same name is often free elsewhere.',
  ),
  'origin-public-suffix': matcher(
    'Every tenant of a public suffix is accepted',
    'Names below a public suffix belong to different people; anyone can have one.',
  ),
  'origin-suffix': matcher(
    'Origins that end with a trusted name are accepted',
    'The matcher forgets the dot before the domain: anyone can register eviltrusted.example.',
  ),
  'origin-truncated': matcher(
    'Parts of a trusted name are accepted',
    'The matcher asks whether the list contains the origin, and a part of an entry is contained too.',
  ),
  'origin-unescaped-dot': matcher(
    'A dot of the trusted name matches any character',
    'In a regular expression a bare dot stands for any character: apiXtrusted.example can be registered.',
  ),
  'origin-special-character': matcher(
    'A special character ends the trusted name',
    'The matcher takes the character for the end of the host; browsers take it for a part of it.',
  ),
  'origin-localhost-prefix': matcher(
    'Origins that begin with localhost are accepted',
    'A rule for developers does not look at the end: localhost.evil.example begins as it should.',
  ),
  'origin-shared-hosting': matcher(
    'A shared hosting service is accepted',
    'Anyone can publish a page there within a minute.',
  ),
  'origin-idn': matcher(
    'A look-alike name is accepted',
    'The matcher folds internationalised names into ASCII; they are different domains with different owners.',
  ),
} as const satisfies Record<string, ScanCodeFacts>

function matcher(title: string, how: string): ScanCodeFacts {
  return {
    title,
    why: `${how} A page there reads what the API answers to its visitors, with their cookies where credentials are allowed. Origins are compared whole and byte for byte, or not at all.`,
    fix: 'exact-origins',
    references: TRUST,
  }
}
