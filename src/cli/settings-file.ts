import { z } from 'zod'
import { parseFile } from '../policy/parse/parse.js'
import { checkShape } from '../policy/parse/shape.js'
import { fieldsOf, type MapNode, toPlain } from '../policy/parse/yaml-tree.js'
import type { Problem } from '../policy/problems/problem.js'
import { ProblemList } from '../policy/problems/problem-list.js'
import { placeOf, type SourceFile } from '../policy/problems/source.js'
import type { FileKind } from '../policy/schema/file-kind.js'
import type { FileSetting } from '../read-settings.js'
import { SETTINGS } from '../settings.js'
import { readNamedFile } from './named-file.js'

/** The settings that a file has, or what is wrong with it. */
export type SettingsFileResult =
  | { readonly settings: ReadonlyMap<string, FileSetting> }
  | { readonly problems: readonly Problem[]; readonly files: readonly SourceFile[] }

/**
 * Reads the optional settings file, a flat YAML map, as strictly as a policy. Values stay texts here, for the reader of each.
 *
 * @throws Error with one sentence, where it cannot be read, or is standard input: each worker reads it anew.
 */
export function readSettingsFile(path: string): SettingsFileResult {
  if (path === '-') {
    throw new Error('the settings cannot be read from standard input, which workers do not have: name a file')
  }
  const file = { file: path, text: readNamedFile(path, 'the settings file ') }
  const problems = new ProblemList()
  const root = parseFile(file, SETTINGS_FILE, problems)
  if (root !== undefined) checkShape(root, SETTINGS_FILE, problems)
  if (root !== undefined && !problems.hasErrors) return { settings: settingsOf(root) }
  const found = problems.sorted()
  // Unlike a policy, one with every line commented out says enough.
  if (found.every(({ code }) => code === 'file-empty')) return { settings: new Map() }
  return { problems: found, files: [file] }
}

function settingsOf(root: MapNode): ReadonlyMap<string, FileSetting> {
  return new Map(
    Array.from(fieldsOf(root), ([key, { value }]) => {
      const plain = toPlain(value)
      // A list reads as it would on the command line.
      return [key, { text: String(plain), source: `${placeOf(value)}: ${key}` }] as const
    }),
  )
}

const SCALARS = [z.string(), z.number(), z.boolean()] as const

// All branches in one union: what is wrong in a list is told of its item.
const value = z.union([...SCALARS, z.array(z.union(SCALARS))])

const SETTINGS_FILE: FileKind = {
  schema: z.strictObject(Object.fromEntries(SETTINGS.map(({ key }) => [key, value.optional()]))),
  noun: 'the settings file',
  keys: '`policy`, `listen` and `bodyLimit`',
}
