import { ProblemList } from '../problems/problem-list.js'
import { Source, type SourceFile, type Span } from '../problems/source.js'
import type { FileKind } from '../schema/file-kind.js'
import { keysAt } from '../schema/schema-at.js'
import { collapseRuns, type Run } from './collapse-runs.js'
import { type ComposedYaml, composeYaml } from './compose-yaml.js'
import { TreeBuilder } from './tree-builder.js'
import { reportYamlErrors } from './yaml-syntax-problem.js'
import type { Field, MapNode, YamlNode } from './yaml-tree.js'

/**
 * Reads one file as strict YAML 1.2 with a map at its root. What is wrong goes to `problems`, all of it.
 *
 * @returns undefined where the text is no such YAML, so that there is nothing to go on with.
 */
export function parseFile(file: SourceFile, kind: FileKind, problems: ProblemList): MapNode | undefined {
  const source = new Source(file)
  if (source.text.length > MAX_LENGTH) {
    problems.error('file-too-large', wholeOf(source), `the file has more than ${MAX_LENGTH} characters`, {
      suggestion: 'split it: a directory of policy files is read as one policy',
    })
    return undefined
  }
  const root = readCollapsed(source, kind, problems) ?? readYaml(source, kind, problems)
  if (root?.kind === 'map') return isOtherKind(root, kind, problems) ? undefined : root
  if (root === undefined) return undefined
  problems.error('root-not-map', root, `${kind.noun} is a map with keys such as ${kind.keys}`)
  return undefined
}

// One sentence says more than that each of its keys is none.
function isOtherKind({ fields }: MapNode, kind: FileKind, problems: ProblemList): boolean {
  const names = [...fields.keys()]
  const ours = keysAt([], kind)
  for (const { marks, keys = [], what, suggestion } of kind.mistaken ?? []) {
    if (names.some(name => ours.includes(name) && !keys.includes(name))) continue
    const isAllTheirs = names.every(name => keys.includes(name))
    const mark =
      marks.find(name => fields.has(name)) ??
      (isAllTheirs ? names.find(name => !ours.includes(name)) : undefined)
    if (mark === undefined) continue
    const { key } = fields.get(mark) as Field
    const remedy = { suggestion: suggestion(key.source.file) }
    problems.error('other-file', key, `this is ${what}, and not ${kind.noun}`, remedy)
    return true
  }
  return false
}

/** The fast way for long lists of origins; undefined wherever it does not apply or anything at all is wrong. */
function readCollapsed(source: Source, kind: FileKind, problems: ProblemList): YamlNode | undefined {
  const { text, runs } = collapseRuns(source.text)
  if (runs.size === 0) return undefined
  const found = new ProblemList()
  const builder = new TreeBuilder(source, runs, kind, found)
  const root = buildTree(composeYaml(text), source, kind, builder, found)
  if (root === undefined || !builder.foundAllRuns) return undefined
  problems.addAll(found)
  return root
}

function readYaml(source: Source, kind: FileKind, problems: ProblemList): YamlNode | undefined {
  const builder = new TreeBuilder(source, NO_RUNS, kind, problems)
  return buildTree(composeYaml(source.text), source, kind, builder, problems)
}

function buildTree(
  yaml: ComposedYaml,
  source: Source,
  kind: FileKind,
  builder: TreeBuilder,
  problems: ProblemList,
): YamlNode | undefined {
  if ('tooDeepAt' in yaml) {
    const at = { source, start: yaml.tooDeepAt, end: yaml.tooDeepAt + 1 }
    problems.error('yaml-too-deep', at, `the file nests deeper here than ${kind.noun} ever does`)
    return undefined
  }
  if (!isOneDocument(yaml, source, kind, problems)) return undefined
  const contents = yaml.documents[0]?.contents
  const root = contents ? builder.build(contents) : undefined
  // What `---` begins without a line behind it is a null that nobody wrote.
  if (root !== undefined && !(root.kind === 'scalar' && root.value === null)) return root
  problems.error(
    'file-empty',
    wholeOf(source),
    `${kind.noun} is empty: the file holds nothing, comments only or \`null\``,
  )
  return undefined
}

function isOneDocument(
  { documents, directives }: Exclude<ComposedYaml, { tooDeepAt: number }>,
  source: Source,
  kind: FileKind,
  problems: ProblemList,
): boolean {
  const errors = documents.flatMap(document => document.errors)
  reportYamlErrors(errors, source, kind, problems)
  for (const [start, end] of directives) {
    // `%YAML 1.1` would make `yes` a boolean and `<<` a merge behind the author's back.
    problems.error('yaml-directive', { source, start, end }, `${kind.noun} is YAML 1.2 without directives`, {
      suggestion: 'remove this line',
    })
  }
  const second = documents[1]
  if (second !== undefined) {
    const start = second.range[0]
    problems.error(
      'yaml-multiple-documents',
      { source, start, end: start + 3 },
      'a second YAML document begins here',
      {
        suggestion: 'put it into a file of its own',
      },
    )
  }
  return errors.length + directives.length === 0 && second === undefined
}

function wholeOf(source: Source): Span {
  return { source, start: 0, end: source.text.length }
}

const NO_RUNS: ReadonlyMap<number, Run> = new Map()

/** 32 Mi characters: some 600,000 origins. */
const MAX_LENGTH = 32 * 1024 * 1024
