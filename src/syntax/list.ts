import { trimOws } from './ows.js'

/**
 * The elements of a field whose value is a list (RFC 9110 section 5.6.1), without the optional whitespace around them;
 * empty ones are none. String.trim would take more: an `Origin` with a no-break space is no Origin to a cache.
 *
 * @param field several lines joined by a comma
 */
export function listElements(field: string): string[] {
  const elements: string[] = []
  for (let start = 0; start <= field.length; ) {
    const comma = field.indexOf(',', start)
    const end = comma === -1 ? field.length : comma
    const element = trimOws(field, start, end)
    if (element !== '') elements.push(element)
    start = end + 1
  }
  return elements
}
