/** A character that stands before an attacker's domain, and the browsers that keep it when they serialise an origin. */
export interface SpecialCharacter {
  /** As it arrives in the Origin header. */
  readonly text: string
  readonly browsers: readonly string[]
}

/**
 * `https://api.example` + one of these + `.evil.example` is a name that an attacker's wildcard DNS answers. Whether a
 * page can really have it depends on the browser. The Chromium column is measured: test/scan/real/special-characters.test.ts
 * repeats it with the Chromium at hand, which writes `*` as %2A. Firefox and Safari are as reported by others (PortSwigger's
 * URL validation bypass research, at second hand) and not measured. The URL standard forbids the last five in a domain.
 *
 * @see https://url.spec.whatwg.org/#forbidden-domain-code-point
 */
export const SPECIAL_CHARACTERS: readonly SpecialCharacter[] = [
  ...['_', '-'].map(text => ({ text, browsers: ['Chromium', 'Firefox', 'Safari'] })),
  ...['$', '+'].map(text => ({ text, browsers: ['Chromium', 'Firefox', 'Safari'] })),
  ...['!', '&', "'", '(', ')', ',', ';', '=', '`', '{', '}', '~'].map(text => ({
    text,
    browsers: ['Chromium', 'Safari'],
  })),
  ...['"', '%2A'].map(text => ({ text, browsers: ['Chromium'] })),
  { text: '*', browsers: ['Safari'] },
  ...['^', '|', '%60', '%0b', '%00'].map(text => ({ text, browsers: [] })),
]
