import { Command, Option } from 'commander'
import { escapeControls } from '../report/display-text.js'
import { formatJson } from '../report/json.js'
import { runChecks } from './doctor-checks.js'
import { settingOf } from './given/given-settings.js'
import { complain } from './terminal/complain.js'

/**
 * `crossgate doctor`: looks at a deployment from where it stands: can the upstreams be reached around the gateway, is
 * the policy mounted so that it is updated, are the limits enough, is the clock right. Exits 0, 1 on a problem, 2 on a
 * usage error. It sends one GET to each `--around` address and one to the gateway, and changes nothing.
 */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look for what undoes a deployment: ways around the gateway, mounts, limits, the clock.')
    .option('--policy <PATH>', "the gateway's policy (CROSSGATE_POLICY)")
    .option('--settings <FILE>', "the gateway's settings file (CROSSGATE_SETTINGS)")
    .option('--around <URL...>', 'an address of an upstream as callers would dial it, which must not answer')
    .option('--gateway <URL>', 'the gateway, to compare its clock')
    .addOption(new Option('--format <FORMAT>', 'how to write it').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
From where callers are, it tells whether an upstream can be reached past the gateway; in the gateway's own
container, how the policy is mounted and whether the limits are enough. "unknown" is what it could not see.

Example:
  $ crossgate doctor --around http://orders.shop:3000 --gateway http://crossgate.edge
  $ kubectl exec deploy/edge-crossgate -- node /app/dist/cli/main.js doctor`,
    )
    .action(async (flags: Flags) => {
      process.exitCode = await doctor(flags)
    })
}

interface Flags {
  readonly policy?: string
  readonly settings?: string
  readonly around?: readonly string[]
  readonly gateway?: string
  readonly format: 'text' | 'json'
}

async function doctor(flags: Flags): Promise<number> {
  const around = flags.around ?? []
  const wrong = [...around, ...(flags.gateway === undefined ? [] : [flags.gateway])].find(
    url => !isHttpUrl(url),
  )
  if (wrong !== undefined) {
    complain(`"${wrong}" is not an http or https URL`)
    return 2
  }
  const policy = await settingOf('policy', flags.policy, flags.settings)
  if (policy === undefined) return 2
  const results = await runChecks({ policy: policy.text, around, gateway: flags.gateway })
  if (flags.format === 'json') process.stdout.write(formatJson('doctor', { checks: results }))
  else
    for (const { status, check, text } of results)
      process.stdout.write(`${status.padEnd(8)}${check}: ${escapeControls(text)}\n`)
  return results.some(({ status }) => status === 'problem') ? 1 : 0
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
