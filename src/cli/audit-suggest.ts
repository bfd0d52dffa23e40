import { relative } from 'node:path'
import { Command, Option } from 'commander'
import { AuditSummary } from '../observe/reading/audit-summary.js'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import { lintPolicy } from '../policy/lint/lint-policy.js'
import type { SourceFile } from '../policy/problems/source.js'
import { suggestOrigins } from '../policy/suggestions/suggest-origins.js'
import type { Given } from '../read-settings.js'
import { windowNote } from '../report/audit-report.js'
import { unifiedDiff } from '../report/unified-diff.js'
import { suggestionsJson } from './formats/suggestions-json.js'
import { suggestionsText } from './formats/suggestions-text.js'
import { readAuditLogs } from './given/audit-input.js'
import { requiredPolicy, withSource } from './given/given-settings.js'
import { writeNamedFile } from './given/named-file.js'
import { openPolicy } from './given/open-policy.js'
import { wholeNumber } from './given/whole-number.js'
import { complain } from './terminal/complain.js'
import { sayRefusal } from './terminal/refusal.js'

/** `crossgate audit suggest`: exits 0, or 2 where the log cannot be read or the policy is invalid. */
export function auditSuggestCommand(): Command {
  return new Command('suggest')
    .description(
      'Turn denials, as a route in report mode records them, into a patch of the policy to review.',
    )
    .argument('[FILE...]', 'audit logs in the native format; none or - is stdin')
    .option('--policy <PATH>', 'the policy to add to: file or directory (CROSSGATE_POLICY; required)')
    .option('--min-count <N>', 'requests below which an origin is a one-off', wholeNumber(1), 3)
    .option('--include-enforced', 'consider also what was blocked, not only what report mode let pass')
    .option(
      '--include-ungranted',
      'add also whom the upstream did not allow, so that its pages read nothing today',
    )
    .option('--write', 'change the policy file instead of printing a patch')
    .option('--verbose', 'list every refused origin, not a few of each reason')
    .addOption(new Option('--format <FORMAT>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExample:\n  $ crossgate audit suggest audit.jsonl --policy policy.yaml > allow.patch\n  $ less allow.patch && git apply allow.patch && crossgate check policy.yaml',
    )
    .action(async (files, options, command: Command) => {
      const policy = await requiredPolicy(options.policy, command)
      process.exitCode = policy === undefined ? 2 : await suggest(files, { ...options, policy })
    })
}

interface Options {
  readonly policy: Given
  readonly minCount: number
  readonly includeEnforced?: true
  readonly includeUngranted?: true
  readonly write?: true
  readonly verbose?: true
  readonly format: 'text' | 'json'
}

async function suggest(paths: readonly string[], options: Options): Promise<number> {
  try {
    const loaded = openPolicy(options.policy, undefined, sayRefusal('audit suggest', options.format))
    if (loaded === undefined) return 2
    const { policy, files } = loaded
    const summary = new AuditSummary()
    await readAuditLogs(paths, record => summary.add(record))
    const now = Date.now()
    const { denials } = summary.totals()
    const result = suggestOrigins(denials, summary.grants(), files, policy, {
      minimum: options.minCount,
      now,
      includeEnforced: options.includeEnforced === true,
      includeUngranted: options.includeUngranted === true,
    })
    const changed = result.files.filter((file, index) => file.text !== files[index]?.text)
    if (options.write) for (const { file, text } of changed) writeNamedFile(file, text)
    const patch = changed.map(({ file, text }) =>
      unifiedDiff(
        relative(process.cwd(), file) || file,
        files.find(old => old.file === file)?.text ?? '',
        text,
      ),
    )
    const check = changed.length === 0 ? [] : newFindings({ policy, files }, result, now)
    const countsFinalAt = summary.countsFinalAt(now)
    const body =
      options.format === 'json'
        ? suggestionsJson(result, { check, countsFinalAt, patch: patch.join('') })
        : suggestionsText(result, notes(check, countsFinalAt), options.verbose === true) +
          (options.write ? '' : patch.join(''))
    process.stdout.write(body)
    if (options.write) {
      complain(`${changed.map(({ file }) => file).join(', ') || 'nothing'} changed`)
    }
    return 0
  } catch (error) {
    return fail(withSource((error as Error).message, [options.policy]))
  }
}

interface Checked {
  readonly policy: CompiledPolicy
  readonly files: readonly SourceFile[]
}

// What `crossgate check` will say of the result and did not say before.
function newFindings(before: Checked, after: Checked, now: number): readonly string[] {
  const findings = ({ policy, files }: Checked) =>
    lintPolicy(policy, files, { now, maxCredentialedOrigins: 20 }).problems
  const known = new Set(findings(before).map(({ code, message }) => `${code} ${message}`))
  return findings(after)
    .filter(({ code, message }) => !known.has(`${code} ${message}`))
    .map(({ severity, code, message }) => `check will say: ${severity} ${code}: ${message}`)
}

function notes(check: readonly string[], countsFinalAt: string | undefined): readonly string[] {
  const note = windowNote(countsFinalAt)
  return note === undefined ? check : [note, ...check]
}

function fail(message: string): number {
  complain(message)
  return 2
}
