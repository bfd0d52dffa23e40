import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { Coverage, type CoverageReport } from '../policy/expectations/coverage.js'
import { readExpectations } from '../policy/expectations/read-expectations.js'
import { placeOf } from '../policy/problems/source.js'
import type { Given } from '../read-settings.js'
import { escapeControls } from '../report/display-text.js'
import { formatJson } from '../report/json.js'
import { formatJunit } from '../report/junit.js'
import { formatTap } from '../report/tap.js'
import { countCases, countFailed, type TestSuite } from '../report/test-suite.js'
import { type ExpectationSource, findExpectations } from './given/find-expectations.js'
import { policiesOf, settingOf, withSource } from './given/given-settings.js'
import { besideFile } from './given/named-file.js'
import { type LoadedPolicy, openPolicy } from './given/open-policy.js'
import { wholeNumber } from './given/whole-number.js'
import { type ExpectationsFile, runExpectations } from './run-expectations.js'
import { complain } from './terminal/complain.js'
import { printLoadFailure } from './terminal/load-failure.js'
import { type Refusal, refusalJson, refusalSuites } from './terminal/refusal.js'
import { painter, usesColour } from './terminal/terminal.js'

/** `crossgate test`: expectations beside a policy, run without a gateway. */
export function testCommand(): Command {
  return new Command('test')
    .description('Run the expectations (*.test.yaml) beside a policy.')
    .argument('[PATH...]', 'policy file, directory, or file of expectations; none: that of CROSSGATE_POLICY')
    .addOption(
      new Option('--format <FORMAT>', 'how to write it')
        .choices(['text', 'json', 'tap', 'junit'])
        .default('text'),
    )
    .option('--ceiling <FILE>', 'bounds that the policy must keep to (CROSSGATE_CEILING)')
    .option('--coverage', 'say which routes, rules and origins no expectation touches')
    .option('--min-coverage <PERCENT>', 'exit 1 below this; implies --coverage', wholeNumber(0, 100))
    .addHelpText(
      'after',
      `
Example:
  $ crossgate test config --coverage --min-coverage 80
A file of expectations:
  tests:
    - name: the storefront may order
      request: { url: "https://api.shop.example/orders", origin: "https://www.shop.example", method: POST }
      expect: { outcome: allowed, route: orders }`,
    )
    .action(async (paths: string[], options: TestOptions, command: Command) => {
      process.exitCode = await runTest(paths, options, command)
    })
}

interface TestOptions {
  readonly format: 'text' | 'json' | 'tap' | 'junit'
  readonly ceiling?: string
  readonly coverage?: boolean
  readonly minCoverage?: number
}

interface Bounded extends Omit<TestOptions, 'ceiling'> {
  readonly ceiling: Given
}

interface CoveredPolicy {
  readonly loaded: LoadedPolicy
  readonly coverage: Coverage
}

async function runTest(paths: readonly string[], options: TestOptions, command: Command): Promise<number> {
  const policies = await policiesOf(paths, command)
  if (policies === undefined) return 2
  const ceiling = await settingOf('ceiling', options.ceiling)
  return ceiling === undefined ? 2 : testAll(policies, { ...options, ceiling })
}

async function testAll(policies: readonly Given[], options: Bounded): Promise<number> {
  const sources: ExpectationSource[] = []
  try {
    for (const { text = '' } of policies) sources.push(findExpectations(text))
  } catch (error) {
    complain(withSource((error as Error).message, policies))
    return 2
  }
  const refusals: Refusal[] = []
  const refused = (refusal: Refusal) => refusals.push(refusal)
  const files = sources
    .flatMap(source => source.files.map(file => readFile(file, source.policy, refused)))
    .filter(file => file !== undefined)
  const opened = new Map<string, CoveredPolicy>()
  for (const path of new Set(files.map(file => file.policy))) {
    const loaded = openPolicy(path, options.ceiling, refused)
    if (loaded !== undefined) opened.set(path, { loaded, coverage: new Coverage() })
  }
  if (refusals.length > 0) {
    process.stdout.write(writeRefusals(refusals, options.format))
    return 2
  }
  const suites: TestSuite[] = []
  for (const file of files) {
    const { loaded, coverage } = opened.get(file.policy) as CoveredPolicy
    suites.push(await runExpectations(loaded.policy, file, coverage))
  }
  const reports = [...opened].map(([path, { loaded, coverage }]) => ({
    path,
    ...coverage.report(loaded.policy),
  }))
  const isCovering = options.coverage === true || options.minCoverage !== undefined
  process.stdout.write(write(suites, isCovering ? reports : [], options.format))
  const { minCoverage = 0 } = options
  const low = reports.filter(report => report.percent < minCoverage)
  for (const { path, percent: reached } of low) {
    complain(`the expectations of ${path} cover ${reached}%, less than ${minCoverage}%`)
  }
  return countFailed(suites) > 0 || low.length > 0 ? 1 : 0
}

/** @param beside the policy that is meant where the file names none */
function readFile(
  file: ExpectationsFile['file'],
  beside: string,
  refused: (refusal: Refusal) => void,
): ExpectationsFile | undefined {
  const pathOf = (policy: string) => besideFile(file.file, policy)
  const { expectations, problems, lines } = readExpectations(file, policy => existsSync(pathOf(policy)))
  if (expectations !== undefined) {
    const policy = expectations.policy === undefined ? beside : pathOf(expectations.policy)
    return { file, policy, expectations, lines }
  }
  const message = 'the expectations are invalid'
  printLoadFailure({ exit: 2, problems, files: [file], message })
  refused({ path: file.file, message, problems })
  return undefined
}

function writeRefusals(refusals: readonly Refusal[], format: TestOptions['format']): string {
  switch (format) {
    case 'tap':
      return formatTap(refusalSuites(refusals))
    case 'junit':
      return formatJunit(refusalSuites(refusals))
    case 'json':
      return refusalJson('test', refusals)
    case 'text':
      return ''
  }
}

type PathCoverage = CoverageReport & { readonly path: string }

function write(
  suites: readonly TestSuite[],
  coverage: readonly PathCoverage[],
  format: TestOptions['format'],
): string {
  switch (format) {
    case 'tap':
      return `${formatTap(suites)}${coverageLines(coverage)
        .map(line => `# ${line}\n`)
        .join('')}`
    case 'junit':
      return formatJunit(suites)
    case 'json':
      return json(suites, coverage)
    case 'text':
      return text(suites, coverage)
  }
}

function json(suites: readonly TestSuite[], coverage: readonly PathCoverage[]): string {
  return formatJson('test', {
    tests: countCases(suites),
    failed: countFailed(suites),
    suites,
    ...(coverage.length > 0 && { coverage: coverage.map(coverageJson) }),
  })
}

function coverageJson({ missing, ...report }: PathCoverage): object {
  return {
    ...report,
    missing: missing.map(({ kind, name, position: { file, line, column } }) => ({
      kind,
      name,
      file,
      line,
      column,
    })),
  }
}

function text(suites: readonly TestSuite[], coverage: readonly PathCoverage[]): string {
  const paint = painter(usesColour(process.stdout))
  const lines: string[] = []
  for (const { name, cases } of suites) {
    lines.push(paint('strong', escapeControls(name)))
    for (const one of cases) {
      const isGood = one.failures.length === 0
      lines.push(`  ${paint(isGood ? 'good' : 'bad', isGood ? 'ok' : 'FAIL')} ${escapeControls(one.name)}`)
      if (!isGood && one.line !== undefined) lines.push(`       ${escapeControls(`${name}:${one.line}`)}`)
      lines.push(...one.failures.map(failure => `       ${escapeControls(failure)}`))
    }
  }
  const failed = countFailed(suites)
  const milliseconds = suites.reduce((sum, suite) => sum + suite.milliseconds, 0)
  const total = countCases(suites)
  lines.push('', ...coverageLines(coverage).map(escapeControls))
  lines.push(`${total - failed} of ${total} as expected, in ${Math.round(milliseconds)} ms`)
  return `${lines.join('\n')}\n`
}

function coverageLines(coverage: readonly PathCoverage[]): readonly string[] {
  return coverage.flatMap(({ path, percent: reached, total, missing }) => [
    `coverage of ${path}: ${reached}% (${total - missing.length} of ${total} routes, rules and origins)`,
    ...missing.map(({ kind, name, position }) => `  untouched ${kind}: ${name} (${placeOf(position)})`),
  ])
}
