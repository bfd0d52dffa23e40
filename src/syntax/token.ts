/** One character of an RFC 9110 token (section 5.6.2), for patterns that have more in them. */
export const TOKEN_CHARACTER = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]"

/** True for an RFC 9110 token, which method names and field names are: at least one character, no separators, ASCII. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

const TOKEN = new RegExp(`^${TOKEN_CHARACTER}+$`)
