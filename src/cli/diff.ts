import { Command, Option } from 'commander'
import type { Change } from '../policy/diff/change.js'
import { diffPolicies } from '../policy/diff/diff-policies.js'
import { complain } from './complain.js'
import { diffMarkdown, refusalMarkdown } from './diff-markdown.js'
import { isWidening } from './diff-summary.js'
import { diffText } from './diff-text.js'
import { loadDiffSide } from './load-diff-side.js'
import { type LoadedPolicy, openLoaded } from './open-policy.js'
import { type Refusal, refusalJson } from './refusal.js'
import { Progress, usesColour } from './terminal.js'

/** `crossgate diff`: what a change of policy opens and closes. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('Show what NEW allows and OLD does not, and the other way round: by effect, not by text.')
    .argument('<OLD>', 'policy file, directory, - for standard input, or git:REV:PATH')
    .argument('<NEW>', 'the same')
    .addOption(
      new Option('--format <FORMAT>', 'how to write it')
        .choices(['text', 'json', 'markdown'])
        .default('text'),
    )
    .option('--allow-widening', 'exit 0 even where something gets wider')
    .option('--ceiling <FILE>', 'bounds that NEW must keep to')
    .addHelpText(
      'after',
      `
Exits 0 where nothing gets wider, 1 where something does or could not be compared, 2 where either side is
no valid policy.

Example:
  $ crossgate diff git:origin/main:config/policy.yaml config/policy.yaml --format markdown`,
    )
    .action((before: string, after: string, options: DiffOptions) => {
      process.exitCode = runDiff(before, after, options)
    })
}

interface DiffOptions {
  readonly format: 'text' | 'json' | 'markdown'
  readonly allowWidening?: boolean
  readonly ceiling?: string
}

function runDiff(oldPath: string, newPath: string, options: DiffOptions): number {
  const progress = new Progress()
  if (oldPath === '-' && newPath === '-') {
    complain('only one of OLD and NEW can be -')
    return 2
  }
  const refusals: Refusal[] = []
  const open = (path: string, ceiling?: string) =>
    openLoaded(
      path,
      () => loadDiffSide(path, { ceiling }),
      refusal => refusals.push(refusal),
    )
  const before = open(oldPath)
  const after = open(newPath, options.ceiling)
  if (before === undefined || after === undefined) {
    process.stdout.write(writeRefusals(refusals, options.format))
    return 2
  }
  progress.step('both policies are read; comparing them')
  const changes = diffPolicies(before.policy, after.policy, Date.now(), PATIENCE)
  process.stdout.write(write(changes, before, after, options))
  return isWidening(changes) && options.allowWidening !== true ? 1 : 0
}

function write(
  changes: readonly Change[],
  before: LoadedPolicy,
  after: LoadedPolicy,
  { format, allowWidening = false }: DiffOptions,
): string {
  const revisions = { before: before.policy.revision, after: after.policy.revision }
  switch (format) {
    case 'json':
      return `${JSON.stringify({ ...revisions, isWider: isWidening(changes), changes }, null, 2)}\n`
    case 'markdown':
      return diffMarkdown(changes, revisions, allowWidening)
    case 'text':
      return diffText(changes, allowWidening, usesColour(process.stdout))
  }
}

function writeRefusals(refusals: readonly Refusal[], format: DiffOptions['format']): string {
  if (format === 'json') return refusalJson(refusals)
  return format === 'markdown' ? refusalMarkdown(refusals) : ''
}

/** So many times as much is looked at as for the summary of a reload: seconds, and here nobody's requests wait. */
const PATIENCE = 20
