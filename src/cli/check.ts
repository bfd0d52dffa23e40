import { Command, Option } from 'commander'
import { type LoadResult, loadPolicy } from '../gateway/loading/load-policy.js'
import { lintPolicy } from '../policy/lint/lint-policy.js'
import type { LintProblem } from '../policy/lint/lint-rule.js'
import { LINT_RULES } from '../policy/lint/lint-rules.js'
import { SUPPRESSION_CODES } from '../policy/lint/suppression.js'
import { byPlace } from '../policy/problems/problem-list.js'
import { originSetsOf } from '../policy/resolved/origin-sets.js'
import type { Given } from '../read-settings.js'
import type { Finding, Severity } from '../report/finding.js'
import { rankOf } from '../report/finding.js'
import type { CodeFacts, FindingReport } from '../report/finding-report.js'
import { formatGithub } from '../report/github.js'
import { formatJson } from '../report/json.js'
import { formatSarif } from '../report/sarif.js'
import { formatText } from '../report/text.js'
import { VERSION } from '../version.js'
import { policiesOf, settingOf, withSource } from './given/given-settings.js'
import { boundBy } from './given/open-policy.js'
import { skippedDirectories } from './given/skipped-directories.js'
import { wholeNumber } from './given/whole-number.js'
import { complain } from './terminal/complain.js'
import { Progress, usesColour } from './terminal/terminal.js'

/** `crossgate check`: every problem of a policy, and what it may do and probably should not. */
export function checkCommand(): Command {
  return new Command('check')
    .description('Show every problem of a policy at once, lint it, and attack it with crafted origins.')
    .argument(
      '[PATH...]',
      'policy file, directory of policy files, or - for standard input; none: that of CROSSGATE_POLICY',
    )
    .addOption(
      new Option('--format <FORMAT>', 'how to write it').choices(Object.keys(FORMATS)).default('text'),
    )
    .addOption(
      new Option('--fail-on <SEVERITY>', 'exit 1 from this severity on')
        .choices(['error', 'warning', 'info'])
        .default('error'),
    )
    .option(
      '--max-credentialed-origins <N>',
      'origins that one rule may give credentials to without a warning',
      wholeNumber(0),
      20,
    )
    .option('--ceiling <FILE>', 'bounds that the policy must keep to (CROSSGATE_CEILING)')
    .addHelpText(
      'after',
      `
Each PATH is a policy of its own. Exits 0 when all is well, 1 on findings from --fail-on on, 2 on an invalid policy.
A finding is accepted by a comment on its line or above: # crossgate-ignore CODE until YYYY-MM-DD: why

Example:
  $ crossgate check config/policy.yaml --fail-on warning`,
    )
    .action(async (paths: string[], options: CheckOptions, command: Command) => {
      process.exitCode = await runCheck(paths, options, command)
    })
}

interface CheckOptions {
  readonly format: keyof typeof FORMATS
  readonly failOn: Severity
  readonly maxCredentialedOrigins: number
  readonly ceiling?: string
}

interface Bounded extends Omit<CheckOptions, 'ceiling'> {
  readonly ceiling: Given
}

async function runCheck(paths: readonly string[], options: CheckOptions, command: Command): Promise<number> {
  const policies = await policiesOf(paths, command)
  if (policies === undefined) return 2
  const ceiling = await settingOf('ceiling', options.ceiling)
  return ceiling === undefined ? 2 : check(policies, { ...options, ceiling })
}

function check(policies: readonly Given[], options: Bounded): number {
  const progress = new Progress()
  const results: CheckResult[] = []
  for (const policy of policies) {
    for (const directory of skippedDirectories(policy.text ?? ''))
      complain(
        `${directory} is no part of the policy, which is the files of one directory and not of those in it`,
      )
    try {
      results.push(checkPath(policy.text ?? '', options, progress))
    } catch (error) {
      complain(withSource((error as Error).message, [policy, options.ceiling]))
      return 2
    }
  }
  const findings = results.flatMap(({ problems }) => problems)
  const sum = (name: 'routes' | 'origins' | 'tried' | 'suppressed') =>
    results.reduce((total, result) => total + result[name], 0)
  const facts = {
    valid: results.every(({ valid }) => valid),
    policies: policies.length,
    routes: sum('routes'),
    origins: sum('origins'),
    craftedOrigins: sum('tried'),
    suppressed: sum('suppressed'),
    milliseconds: progress.milliseconds,
  }
  process.stdout.write(
    FORMATS[options.format]({
      tool: { name: 'crossgate', version: VERSION },
      findings,
      sources: new Map(results.flatMap(({ files }) => files.map(({ file, text }) => [file, text] as const))),
      codes: codesOf(findings),
      facts,
    }),
  )
  if (!facts.valid) return 2
  const worst = Math.max(-1, ...findings.map(({ severity }) => rankOf(severity)))
  return worst >= rankOf(options.failOn) ? 1 : 0
}

interface CheckResult {
  readonly valid: boolean
  readonly problems: readonly LintProblem[]
  readonly files: LoadResult['files']
  readonly routes: number
  readonly origins: number
  readonly tried: number
  readonly suppressed: number
}

function checkPath(path: string, options: Bounded, progress: Progress): CheckResult {
  const { ceiling, maxCredentialedOrigins } = options
  const { policy, problems, files } = loadPolicy(path, boundBy(ceiling))
  if (policy === undefined)
    return { valid: false, problems, files, routes: 0, origins: 0, tried: 0, suppressed: 0 }
  progress.step(`${path} is read; attacking it with crafted origins`)
  const lint = lintPolicy(policy, files, { now: Date.now(), maxCredentialedOrigins })
  return {
    valid: true,
    problems: [...problems, ...lint.problems].sort(byPlace),
    files,
    routes: policy.routes.length,
    origins: [...originSetsOf(policy.resolved)].reduce((total, { entries }) => total + entries.length, 0),
    tried: lint.tried,
    suppressed: lint.suppressed,
  }
}

function formatCheckText(report: FindingReport): string {
  const { findings, sources, facts = {} } = report
  const text = formatText(findings, { sources, colour: usesColour(process.stdout) })
  const { valid, policies, routes, origins, craftedOrigins, suppressed, milliseconds } = facts as Record<
    string,
    number
  >
  const accepted = suppressed === 0 ? '' : `, ${suppressed} accepted by a comment`
  const size = valid
    ? `: ${amount(routes, 'route')}, ${amount(origins, 'origin')}, ${amount(craftedOrigins, 'crafted origin')} tried`
    : ''
  return `${text}${accepted}\nchecked ${policies === 1 ? 'the policy' : `${policies} policies`} in ${milliseconds} ms${size}\n`
}

function formatCheckJson({ findings, facts }: FindingReport): string {
  return formatJson('check', { ...facts, findings })
}

function amount(number: number | undefined, what: string): string {
  return `${(number ?? 0).toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}

function codesOf(findings: readonly Finding[]): ReadonlyMap<string, CodeFacts> {
  const titles = new Map<string, string>([
    ...LINT_RULES.map(({ code, title }) => [code, title] as const),
    ...Object.entries(SUPPRESSION_CODES),
  ])
  return new Map(
    findings.map(({ code }) => {
      const title = titles.get(code)
      return title === undefined
        ? [code, { title: code.replaceAll('-', ' '), help: 'See docs/problems.md.' }]
        : [code, { title, help: 'See docs/lint.md.' }]
    }),
  )
}

const FORMATS = {
  text: formatCheckText,
  json: formatCheckJson,
  sarif: formatSarif,
  github: formatGithub,
} as const
