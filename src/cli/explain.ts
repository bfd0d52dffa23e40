import { Command, Option } from 'commander'
import { dryRun } from '../gateway/dry-run/dry-run.js'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import { judgeExpectation, judgeUnreadable } from '../policy/expectations/judge-expectation.js'
import { OUTCOME_WORDS, type OutcomeWord } from '../policy/expectations/outcome-words.js'
import { perhapsMeant } from '../policy/explain/perhaps-meant.js'
import type { Given } from '../read-settings.js'
import { escapeControls } from '../report/display-text.js'
import { formatJson } from '../report/json.js'
import type { ExplainedRequest } from './formats/explained-request.js'
import { explanationJson, notesJson } from './formats/explanation-json.js'
import { explanationText } from './formats/explanation-text.js'
import { type ExplainFlags, type ExplainInput, readExplainInput } from './given/explain-input.js'
import { requiredPolicy, settingOf } from './given/given-settings.js'
import { openPolicy } from './given/open-policy.js'
import { requestLimits } from './given/request-limits.js'
import { complain } from './terminal/complain.js'
import { sayRefusal } from './terminal/refusal.js'
import { usesColour } from './terminal/terminal.js'

/** `crossgate explain`: why a request is decided as it is. */
export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'Show step by step how a request is decided, what is answered, and what a browser makes of it.',
    )
    .option('--policy <PATH>', 'policy file, directory, or - for standard input (CROSSGATE_POLICY; required)')
    .option('--ceiling <FILE>', 'bounds that the policy must keep to (CROSSGATE_CEILING)')
    .option('--url <URL>', 'the address that the page requests; ws:// and wss:// for a WebSocket')
    .option('--origin <ORIGIN>', 'the Origin header; without it, the request is not from a page')
    .option('--method <METHOD>', 'the method (default: GET)')
    .option('--header <NAME[: VALUE]>', 'a header that the page sets; may be repeated', collect)
    .option('--preflight', 'explain the preflight for such a request')
    .option(
      '--request <FILE>',
      'a raw HTTP request or an audit record to explain instead; - for standard input',
    )
    .addOption(
      new Option('--scheme <SCHEME>', 'how the client reached the gateway, for --request').choices([
        'http',
        'https',
      ]),
    )
    .addOption(new Option('--format <FORMAT>', 'how to write it').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--expect <OUTCOME>', 'exit 1 where it is not this').choices(Object.keys(OUTCOME_WORDS)),
    )
    .addHelpText(
      'after',
      `
Example:
  $ crossgate explain --policy config/policy.yaml --url http://127.0.0.1:8080/orders --origin http://127.0.0.1:8090 --method PUT
  $ grep '"cors\\.' audit.jsonl | tail -1 | crossgate explain --policy config/policy.yaml --request -`,
    )
    .action(async (options: ExplainOptions, command: Command) => {
      process.exitCode = await runExplain(options, command)
    })
}

interface ExplainOptions extends ExplainFlags {
  readonly policy?: string
  readonly ceiling?: string
  readonly format: 'text' | 'json'
  readonly expect?: OutcomeWord
}

interface Bounded extends Omit<ExplainOptions, 'policy' | 'ceiling'> {
  readonly policy: Given
  readonly ceiling: Given
}

async function runExplain(options: ExplainOptions, command: Command): Promise<number> {
  const policy = await requiredPolicy(options.policy, command)
  if (policy === undefined) return 2
  const ceiling = await settingOf('ceiling', options.ceiling)
  return ceiling === undefined ? 2 : explain({ ...options, policy, ceiling })
}

async function explain(options: Bounded): Promise<number> {
  let input: ExplainInput
  try {
    if (options.policy.text === '-' && options.request === '-')
      throw new Error('only one of --policy and --request can be -')
    input = readExplainInput(options)
  } catch (error) {
    complain((error as Error).message)
    return 2
  }
  const loaded = openPolicy(options.policy, options.ceiling, sayRefusal('explain', options.format))
  if (loaded === undefined) return 2

  const expected = { outcome: options.expect && OUTCOME_WORDS[options.expect] } as const
  const now = Date.now()
  const run = await dryRun(loaded.policy, input, requestLimits(), now)
  if (run.unreadable !== undefined) {
    const { status, why } = run.unreadable
    const text =
      options.format === 'json'
        ? formatJson('explain', {
            policyRevision: loaded.policy.revision,
            unreadable: { status, why },
            ...notesJson(input),
          })
        : `The HTTP parser refuses this request with ${status}, before any policy is asked: ${why}.\n${input.notes
            .map(note => `Note: ${escapeControls(note)}.\n`)
            .join('')}`
    process.stdout.write(text)
    return judged(judgeUnreadable(expected, run.unreadable))
  }
  const explained = { ...run.explanation, meant: perhapsMeant(run.explanation, now) }
  process.stdout.write(write(loaded.policy, explained, input, options.format))
  return judged(judgeExpectation(expected, run.explanation))
}

/** The exit code. */
function judged(failures: readonly string[]): 0 | 1 {
  for (const failure of failures) complain(failure)
  return failures.length === 0 ? 0 : 1
}

function write(
  policy: CompiledPolicy,
  explanation: ExplainedRequest,
  input: ExplainInput,
  format: 'text' | 'json',
): string {
  if (format === 'json') return formatJson('explain', explanationJson(policy, explanation, input))
  return explanationText(policy, explanation, input, usesColour(process.stdout))
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
