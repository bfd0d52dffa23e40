import { parseDuration, WHOLE_SECONDS } from '../../syntax/duration.js'
import { parseFile } from '../parse/parse.js'
import { checkShape } from '../parse/shape.js'
import { childOf, fieldPositions, itemsOf, type MapNode, textOf, toPlain } from '../parse/yaml-tree.js'
import type { Problem } from '../problems/problem.js'
import { ProblemList } from '../problems/problem-list.js'
import type { SourceFile } from '../problems/source.js'
import { resolveHostPattern } from '../routes/host-pattern.js'
import type { Ceiling } from './ceiling.js'
import { CEILING_FILE, CeilingSchema } from './ceiling-schema.js'

export interface CeilingResult {
  readonly file: SourceFile
  /** Undefined where something is wrong with it. */
  readonly ceiling: Ceiling | undefined
  readonly problems: readonly Problem[]
}

/** Reads a ceiling from its text, as strictly as a policy. */
export function readCeiling(file: SourceFile): CeilingResult {
  const problems = new ProblemList()
  const root = parseFile(file, CEILING_FILE, problems)
  if (root !== undefined) {
    checkShape(root, CEILING_FILE, problems)
    checkHosts(root, problems)
  }
  const ceiling = root === undefined || problems.hasErrors ? undefined : ceilingOf(root, file)
  return { file, ceiling, problems: problems.sorted() }
}

function checkHosts(root: MapNode, problems: ProblemList): void {
  for (const node of itemsOf(childOf<{ originsUnder: unknown }>(root, 'originsUnder'))) {
    const host = textOf(node)
    const pattern = host === undefined ? undefined : resolveHostPattern(node, host, problems)
    if (pattern?.kind !== 'wildcard') continue
    problems.error('host-syntax', node, `\`${host}\`: a host here stands for itself and all below it`, {
      suggestion: `write \`${pattern.name}\``,
      replacement: pattern.name,
    })
  }
}

function ceilingOf(root: MapNode, { file, text }: SourceFile): Ceiling {
  const authored = CeilingSchema.parse(toPlain(root))
  const positions = fieldPositions(root)
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const { originsUnder, allowMethods, allowHeaders, exposeHeaders, maxAge } = authored
  const lower = (names: readonly string[] | undefined) =>
    names && new Set(names.map(name => name.toLowerCase()))
  return {
    originsUnder: originsUnder && new Set(originsUnder),
    allowAnyOrigin: authored.allowAnyOrigin ?? originsUnder === undefined,
    allowCredentials: authored.allowCredentials,
    allowMethods: allowMethods && new Set(allowMethods),
    allowHeaders: lower(allowHeaders),
    exposeHeaders: lower(exposeHeaders),
    maxAge: maxAge === undefined ? undefined : (parseDuration(maxAge, WHOLE_SECONDS) as number) / 1000,
    reportDays: authored.reportDays,
    requireOwner: authored.requireOwner,
    requireExpiry: authored.requireExpiry,
    sets: field => positions.has(field),
    lineOf: field => {
      const line = positions.get(field)?.line
      return line === undefined ? file : `${file}:${line}: ${lines[line - 1]?.trim()}`
    },
  }
}
