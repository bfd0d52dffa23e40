import { Command, Option } from 'commander'
import { Coverage, type CoverageReport } from '../policy/expectations/coverage.js'
import { readExpectations } from '../policy/expectations/read-expectations.js'
import { placeOf } from '../policy/problems/source.js'
import { escapeControls } from '../report/display-text.js'
import { formatJunit } from '../report/junit.js'
import { formatTap } from '../report/tap.js'
import { countCases, countFailed, type TestSuite } from '../report/test-suite.js'
import { type ExpectationSource, findExpectations } from './find-expectations.js'
import { printLoadFailure } from './load-failure.js'
import { type LoadedPolicy, openPolicy } from './open-policy.js'
import { type ExpectationsFile, policyOf, runExpectations } from './run-expectations.js'
import { painter, usesColour } from './terminal.js'
import { wholeNumber } from './whole-number.js'

/** `crossgate test`: expectations beside a policy, run without a gateway. */
export function testCommand(): Command {
  return new Command('test')
    .description('Run the expectations (*.test.yaml) beside a policy.')
    .argument('<PATH...>', 'policy file, directory, or file of expectations')
    .addOption(
      new Option('--format <FORMAT>', 'how to write it')
        .choices(['text', 'json', 'tap', 'junit'])
        .default('text'),
    )
    .option('--ceiling <FILE>', 'bounds that the policy must keep to')
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
    .action(async (paths: string[], options: TestOptions) => {
      process.exitCode = await runTests(paths, options)
    })
}

interface TestOptions {
  readonly format: 'text' | 'json' | 'tap' | 'junit'
  readonly ceiling?: string
  readonly coverage?: boolean
  readonly minCoverage?: number
}

interface CoveredPolicy {
  readonly loaded: LoadedPolicy
  readonly coverage: Coverage
}

async function runTests(paths: readonly string[], options: TestOptions): Promise<number> {
  const sources: ExpectationSource[] = []
  try {
    for (const path of paths) sources.push(findExpectations(path))
  } catch (error) {
    process.stderr.write(`crossgate: ${(error as Error).message}\n`)
    return 2
  }
  const policies = new Map<string, CoveredPolicy>()
  const suites: TestSuite[] = []
  for (const { files, policy } of sources) {
    for (const file of files) {
      const read = readFile(file)
      if (read === undefined) return 2
      const path = policyOf(read, policy)
      const covered = policies.get(path) ?? cover(path, options)
      if (covered === undefined) return 2
      policies.set(path, covered)
      suites.push(await runExpectations(covered.loaded.policy, read, covered.coverage))
    }
  }
  const reports = [...policies].map(([path, { loaded, coverage }]) => ({
    path,
    ...coverage.report(loaded.policy),
  }))
  const isCovering = options.coverage === true || options.minCoverage !== undefined
  process.stdout.write(write(suites, isCovering ? reports : [], options.format))
  const { minCoverage = 0 } = options
  const low = reports.filter(report => report.percent < minCoverage)
  for (const { path, percent: reached } of low) {
    process.stderr.write(
      `crossgate: the expectations of ${path} cover ${reached}%, less than ${minCoverage}%\n`,
    )
  }
  return countFailed(suites) > 0 || low.length > 0 ? 1 : 0
}

function readFile(file: ExpectationsFile['file']): ExpectationsFile | undefined {
  const result = readExpectations(file)
  if (result.expectations !== undefined) return { file, ...result }
  printLoadFailure({
    exit: 2,
    problems: result.problems,
    files: [file],
    message: 'the expectations are invalid',
  })
  return undefined
}

function cover(path: string, { ceiling }: TestOptions): CoveredPolicy | undefined {
  const loaded = openPolicy(path, { ceiling })
  return loaded && { loaded, coverage: new Coverage() }
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
      return `${JSON.stringify({ tests: countCases(suites), failed: countFailed(suites), suites, ...(coverage.length > 0 && { coverage }) }, null, 2)}\n`
    case 'text':
      return text(suites, coverage)
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
