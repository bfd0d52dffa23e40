import { listElements } from '../syntax/list.js'

/**
 * Merges field names into a Vary value, keeping what is there and adding each missing name once (RFC 9110 section
 * 12.5.5). `*` already covers everything and stays alone as it is.
 *
 * @param current the values of all Vary lines, joined by a comma; undefined or empty where there is none.
 * @returns the value to send; undefined where there is nothing to say.
 */
export function mergeVary(current: string | undefined, add: readonly string[]): string | undefined {
  if (current === undefined || current === '') return add.length === 0 ? undefined : listOf(add)
  if (add.length === 0) return current
  const names = new Set(listElements(current.toLowerCase()))
  if (names.has('*')) return current
  const missing = add.filter(name => !names.has(name.toLowerCase()))
  return missing.length === 0 ? current : `${current}, ${missing.join(', ')}`
}

// The lists are a few constants, and one is written with nearly every response.
function listOf(names: readonly string[]): string {
  const known = lists.get(names)
  if (known !== undefined) return known
  const list = names.join(', ')
  lists.set(names, list)
  return list
}

const lists = new WeakMap<readonly string[], string>()
