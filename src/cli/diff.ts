import { Command, Option } from 'commander'
import type { Change } from '../policy/diff/change.js'
import { diffPolicies } from '../policy/diff/diff-policies.js'
import type { Given } from '../read-settings.js'
import { diffJson } from './formats/diff-json.js'
import { diffMarkdown, refusalMarkdown } from './formats/diff-markdown.js'
import { isWidening } from './formats/diff-summary.js'
import { diffText } from './formats/diff-text.js'
import { settingOf } from './given/given-settings.js'
import { loadDiffSide } from './given/load-diff-side.js'
import { boundBy, type LoadedPolicy, openLoaded } from './given/open-policy.js'
import { complain } from './terminal/complain.js'
import { type Refusal, refusalJson } from './terminal/refusal.js'
import { Progress, usesColour } from './terminal/terminal.js'

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
    .option('--ceiling <FILE>', 'bounds that NEW must keep to (CROSSGATE_CEILING)')
    .addHelpText(
      'after',
      `
Exits 0 where nothing gets wider, 1 where something does or could not be compared, 2 where either side is
no valid policy.

Example:
  $ crossgate diff git:origin/main:config/policy.yaml config/policy.yaml --format markdown`,
    )
    .action(async (before: string, after: string, options: DiffOptions) => {
      const ceiling = await settingOf('ceiling', options.ceiling)
      process.exitCode = ceiling === undefined ? 2 : runDiff(before, after, { ...options, ceiling })
    })
}

interface DiffOptions {
  readonly format: 'text' | 'json' | 'markdown'
  readonly allowWidening?: boolean
  readonly ceiling?: string
}

interface Bounded extends Omit<DiffOptions, 'ceiling'> {
  readonly ceiling: Given
}

function runDiff(oldPath: string, newPath: string, options: Bounded): number {
  const progress = new Progress()
  if (oldPath === '-' && newPath === '-') {
    complain('only one of OLD and NEW can be -')
    return 2
  }
  const refusals: Refusal[] = []
  const open = (path: string, ceiling?: Given) =>
    openLoaded(
      path,
      () => loadDiffSide(path, boundBy(ceiling)),
      refusal => refusals.push(refusal),
      [ceiling],
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
  { format, allowWidening = false }: Pick<DiffOptions, 'format' | 'allowWidening'>,
): string {
  const revisions = { before: before.policy.revision, after: after.policy.revision }
  switch (format) {
    case 'json':
      return diffJson(changes, revisions)
    case 'markdown':
      return diffMarkdown(changes, revisions, allowWidening)
    case 'text':
      return diffText(changes, allowWidening, usesColour(process.stdout))
  }
}

function writeRefusals(refusals: readonly Refusal[], format: DiffOptions['format']): string {
  if (format === 'json') return refusalJson('diff', refusals)
  return format === 'markdown' ? refusalMarkdown(refusals) : ''
}

/** So many times as much is looked at as for the summary of a reload: seconds, and here nobody's requests wait. */
const PATIENCE = 20
