/**
 * A part of a text without the optional whitespace around it (RFC 9110 section 5.6.3): space and tab, and nothing else;
 * String.trim would take more.
 */
export function trimOws(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isOws(text.charCodeAt(start))) start++
  while (end > start && isOws(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09
}
