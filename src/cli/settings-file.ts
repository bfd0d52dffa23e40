import { parseDocument } from 'yaml'
import { readNamedFile } from './named-file.js'

/**
 * Reads the optional settings file: a flat YAML map, its values as text.
 *
 * @throws Error with one sentence, where it cannot be read or is no such map.
 */
export function readSettingsFile(path: string): ReadonlyMap<string, string> {
  const document = parseDocument(readNamedFile(path, 'the settings file '))
  const [fault] = document.errors
  if (fault !== undefined) throw new Error(`settings file ${path}: ${fault.message.split('\n')[0]}`)
  const content: unknown = document.toJS() ?? {}
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new Error(`settings file ${path}: it must be a map such as "bodyLimit: 1MiB"`)
  }
  return new Map(Object.entries(content as object).map(([key, value]) => [key, textOf(value)]))
}

// A list reads as it would on the command line.
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}
