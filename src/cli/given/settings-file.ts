import { z } from 'zod'
import { parseFile } from '../../policy/parse/parse.js'
import { checkShape } from '../../policy/parse/shape.js'
import type { MapNode } from '../../policy/parse/yaml-tree.js'
import type { Problem } from '../../policy/problems/problem.js'
import { ProblemList } from '../../policy/problems/problem-list.js'
import { placeOf, type SourceFile } from '../../policy/problems/source.js'
import type { FileKind } from '../../policy/schema/file-kind.js'
import type { FileSetting } from '../../read-settings.js'
import { SETTINGS } from '../../settings.js'
import { besideFile, readNamedFile } from './named-file.js'
import { settingText } from './setting-node.js'

/** The settings that a file has, or what is wrong with it. */
export type SettingsFileResult =
  | { readonly settings: ReadonlyMap<string, FileSetting> }
  | { readonly problems: readonly Problem[]; readonly files: readonly SourceFile[] }

/**
 * Reads the optional settings file, a flat YAML map, as strictly as a policy. Its paths are relative to it. Values are tried here, and stay texts for who reads
 * those of all sources.
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
  const settings = root && settingsOf(checkShape(root, SETTINGS_FILE, problems), problems)
  if (settings !== undefined && !problems.hasErrors) return { settings }
  const found = problems.sorted()
  // Unlike a policy, one with every line commented out says enough.
  if (found.every(({ code }) => code === 'file-empty')) return { settings: new Map() }
  return { problems: found, files: [file] }
}

function settingsOf(root: MapNode, problems: ProblemList): ReadonlyMap<string, FileSetting> {
  const settings = new Map<string, FileSetting>()
  for (const spec of SETTINGS) {
    const node = root.fields.get(spec.key)?.value
    if (node === undefined) continue
    const text = settingText(spec, node, problems)
    if (text === undefined) continue
    const isPath = spec.read.notation === 'path' && !NO_PATHS.has(text)
    const source = `${placeOf(node)}: ${spec.key}`
    settings.set(spec.key, { text: isPath ? besideFile(node.source.file, text) : text, source })
  }
  return settings
}

/** None at all, and standard output. */
const NO_PATHS: ReadonlySet<string> = new Set(['', '-'])

// Of what each key may be, its row knows more than a schema says.
const SETTINGS_FILE: FileKind = {
  schema: z.strictObject(Object.fromEntries(SETTINGS.map(({ key }) => [key, z.unknown().optional()]))),
  noun: 'the settings file',
  keys: '`policy`, `listen` and `bodyLimit`',
}
