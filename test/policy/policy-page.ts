import { allFields, type SchemaField } from '../../src/policy/schema/schema-field.js'

/**
 * The reference page with its tables made anew from the schema, as `crossgate schema FIELD` has it. A table stands behind
 * `<!-- keys of X -->`, where X is the path of the map, several with ` and ` where their keys are the same, or `the file`.
 */
export function withKeyTables(page: string): string {
  return page.replace(TABLE, (_, maps: string) => `<!-- keys of ${maps} -->\n${tableOf(maps.split(' and '))}`)
}

/** The paths of the maps that the page has a table for. */
export function mapsOn(page: string): readonly string[] {
  return Array.from(page.matchAll(TABLE), ([, maps = '']) => maps.split(' and ')).flat()
}

/** The paths of the maps that have keys of their own. */
export function mapsOfSchema(): readonly string[] {
  return [...new Set(allFields().map(parentOf))]
}

function tableOf(maps: readonly string[]): string {
  const tables = maps.map(map =>
    allFields()
      .filter(field => parentOf(field) === map)
      .map(rowOf)
      .join(''),
  )
  if (new Set(tables).size !== 1) throw new Error(`${maps.join(' and ')} have different keys`)
  return `| key | value | default | what |\n|---|---|---|---|\n${tables[0]}`
}

function rowOf({ path, type, required, fallback, description }: SchemaField): string {
  const absent = required ? 'required' : fallback === undefined ? '' : `\`${fallback.replaceAll('"', '')}\``
  return `| \`${path.split('.').at(-1)}\` | ${type} | ${absent} | ${description.replace(BARE_STAR, '\\*')} |\n`
}

function parentOf({ path }: SchemaField): string {
  return path.split('.').slice(0, -1).join('.') || 'the file'
}

/** A mark and the table behind it. */
const TABLE = /^<!-- keys of (.*) -->\n(?:\|.*\n)*/gm
/** One outside of backquotes. */
const BARE_STAR = /\*(?=(?:[^`]*`[^`]*`)*[^`]*$)/g
