import type { FileKind } from '../schema/file-kind.js'
import { itemPath, keysAt } from '../schema/schema-at.js'
import { exampleKey } from './example-text.js'
import { ownerOf } from './sentence-parts.js'

/** What to do with a key that is none of the map at `path`, but one of another; undefined where no map has it. */
export function misplacedKeyHelp(
  name: string,
  path: readonly PropertyKey[],
  present: (key: string) => boolean,
  kind: FileKind,
): string | undefined {
  const below = keysBelow(path, kind)
  const exact = below.filter(one => one.at(-1) === name)
  const fitting = [...exact, ...below.filter(one => isOurNameFor(name, one.at(-1)))]
  const [inside, another] = fitting
  // Everything is below the root, so that there only what is one of its kind says where the key was meant to go.
  if (path.length === 0 && another !== undefined) return undefined
  if (inside !== undefined) return insideHelp(inside.slice(path.length), present)
  const elsewhere = keysBelow([], kind).find(one => one.at(-1) === name)
  return elsewhere && `\`${name}\` is a key of ${ownerOf(elsewhere.slice(0, -1), kind)}: move it there`
}

/** The same, for the maps that are fields of this one: nothing else can have been meant. */
export function fieldOfFieldHelp(
  name: string,
  path: readonly PropertyKey[],
  present: (key: string) => boolean,
  kind: FileKind,
): string | undefined {
  const field = keysAt(path, kind).find(key => keysAt([...path, key], kind).includes(name))
  return field && insideHelp([field, name], present)
}

function insideHelp(steps: readonly PropertyKey[], present: (key: string) => boolean): string {
  const [first] = steps
  const where = present(String(first))
    ? `the \`${String(first)}\` that is already there`
    : `\`${String(first)}\``
  return `it belongs in ${where}: ${exampleKey(steps)}`
}

// `methods` for `allowMethods`, as other CORS configurations have it.
function isOurNameFor(name: string, key: PropertyKey | undefined): boolean {
  const [, theirs] = /^(?:allow|expose)(.+)$/.exec(String(key)) ?? []
  return theirs?.toLowerCase() === name.toLowerCase()
}

/** The path of every key below, in the order of the schema: those of a map before those inside them. */
function keysBelow(path: readonly PropertyKey[], kind: FileKind): readonly (readonly PropertyKey[])[] {
  const own = keysAt(path, kind).map(key => [...path, key])
  return [...own, ...own.flatMap(one => keysBelow(itemPath(one, kind), kind))]
}
