// RFC 9110 section 5.6.2. Method names and field names are both tokens.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** True for an RFC 9110 token: at least one character, no separators, ASCII. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}
