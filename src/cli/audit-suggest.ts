import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Command, Option } from 'commander'
import { loadPolicy } from '../gateway/loading/load-policy.js'
import { AuditSummary } from '../observe/audit-summary.js'
import { type Suggestion, type Suggestions, suggestOrigins } from '../policy/suggestions/suggest-origins.js'
import { unifiedDiff } from '../report/unified-diff.js'
import { readAuditLogs } from './audit-input.js'
import { printLoadFailure } from './load-failure.js'

/** `crossgate audit suggest`: exits 0, or 2 where the log cannot be read or the policy is invalid. */
export function auditSuggestCommand(): Command {
  return new Command('suggest')
    .description(
      'Turn denials, as a route in report mode records them, into a patch of the policy to review.',
    )
    .argument('[FILE...]', 'audit logs in the native format; none or - is stdin')
    .requiredOption('--policy <PATH>', 'the policy to add to: file or directory')
    .option('--min-count <N>', 'requests below which an origin is a one-off', '3')
    .option('--write', 'change the policy file instead of printing a patch')
    .addOption(new Option('--format <FORMAT>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExample:\n  $ crossgate audit suggest audit.jsonl --policy policy.yaml > allow.patch\n  $ less allow.patch && git apply allow.patch && crossgate check policy.yaml',
    )
    .action(async (files, options) => process.exit(await suggest(files, options)))
}

interface Options {
  readonly policy: string
  readonly minCount: string
  readonly write?: true
  readonly format: 'text' | 'json'
}

async function suggest(paths: readonly string[], options: Options): Promise<number> {
  const minimum = Number(options.minCount)
  if (!Number.isInteger(minimum) || minimum < 1) {
    return fail(`--min-count: "${options.minCount}" is not a whole number above 0`)
  }
  try {
    const { policy, problems, files } = loadPolicy(options.policy)
    if (policy === undefined) {
      printLoadFailure({ exit: 2, message: 'the policy is invalid', problems, files })
      return 2
    }
    const summary = new AuditSummary()
    await readAuditLogs(paths, record => summary.add(record))
    const result = suggestOrigins(summary.totals().denials, files, policy, minimum, Date.now())
    const changed = result.files.filter((file, index) => file.text !== files[index]?.text)
    if (options.write) for (const { file, text } of changed) writeFileSync(file, text)
    const diffs = changed.map(({ file, text }) =>
      unifiedDiff(
        relative(process.cwd(), file) || file,
        files.find(old => old.file === file)?.text ?? '',
        text,
      ),
    )
    const body = options.format === 'json' ? json(result, diffs) : textOf(result, options.write ? [] : diffs)
    await new Promise(resolve => process.stdout.write(body, resolve))
    if (options.write) {
      process.stderr.write(`crossgate: ${changed.map(({ file }) => file).join(', ') || 'nothing'} changed\n`)
    }
    return 0
  } catch (error) {
    return fail((error as Error).message)
  }
}

// `patch` and `git apply` skip what stands before the first `---`.
function textOf({ suggested, refused }: Suggestions, diffs: readonly string[]): string {
  const lines = [
    `# ${suggested.length} origin${suggested.length === 1 ? '' : 's'} suggested, ${refused.length} refused.`,
    ...suggested.flatMap(row => [
      `#`,
      `# + ${row.origin} on route ${row.route}, ${row.rule === 'new' ? 'in a new rule' : `in rule ${row.rule}`}`,
      `#     ${evidence(row)}`,
      ...(row.remarks ?? []).map(remark => `#     ! ${remark}`),
    ]),
    ...refused.flatMap(row => [
      `#`,
      `# - ${row.origin}${row.route === '' ? '' : ` on route ${row.route}`}: ${row.refused}`,
      `#     ${evidence(row)}`,
    ]),
    '',
  ]
  return `${lines.join('\n')}\n${diffs.join('')}`
}

function evidence({ count, firstSeen, lastSeen, methods, headers, preflight }: Suggestion): string {
  const parts = [
    `denied ${count} time${count === 1 ? '' : 's'}`,
    `${firstSeen.slice(0, 16)}Z to ${lastSeen.slice(0, 16)}Z`,
    methods.join(' '),
    preflight ? 'preflight seen' : 'no preflight seen',
  ]
  return [...parts, ...(headers.length > 0 ? [`headers ${headers.join(' ')}`] : [])].join(', ')
}

function json({ suggested, refused }: Suggestions, diffs: readonly string[]): string {
  return `${JSON.stringify({ suggested, refused, patch: diffs.join('') }, null, 2)}\n`
}

function fail(message: string): number {
  process.stderr.write(`crossgate: ${message}\n`)
  return 2
}
