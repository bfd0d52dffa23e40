import { randomInt } from 'node:crypto'
import { Command } from 'commander'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import { readBaseline, withoutKnown } from '../scan/baseline.js'
import { ScanClient } from '../scan/client.js'
import { formatScan } from '../scan/formats/format-scan.js'
import { Pace } from '../scan/pace.js'
import { routeTargets } from '../scan/policy-routes.js'
import { scanAll } from '../scan/scan-all.js'
import { compareTargets, exitCodeOf, type ScanReport } from '../scan/scan-report.js'
import { scanTarget } from '../scan/scan-target.js'
import type { Session } from '../scan/session.js'
import { readTarget, type ScanTarget } from '../scan/target.js'
import type { TargetResult } from '../scan/target-result.js'
import { VERSION } from '../version.js'
import { readNamedFile } from './given/named-file.js'
import { openPolicy } from './given/open-policy.js'
import { readSession, SCAN_OPTIONS, type ScanFlags } from './given/scan-options.js'
import { ScanProgress } from './scan-progress.js'
import { complain } from './terminal/complain.js'
import { sayRefusal } from './terminal/refusal.js'
import { usesColour } from './terminal/terminal.js'

/** `crossgate scan`: what a live API would let foreign pages do. */
export function scanCommand(): Command {
  const command = new Command('scan')
    .description('Find CORS misconfigurations of live URLs, as an attacker’s page would, without attacking.')
    .argument('[URL...]', 'what to scan; nothing else is')
  for (const option of SCAN_OPTIONS) command.addOption(option)
  return command
    .addHelpText(
      'after',
      `
With --policy, a URL without a path stands for every route of its host. Redirects are never followed.
Exits 0 when nothing is found, 1 on findings from --fail-on on, 2 on a usage error or an invalid policy, and 3 when
nothing failed but a URL could not be reached or not wholly be scanned, or has a host that no route of the policy has,
or all were skipped (mode: report).

Example:
  $ crossgate scan https://api.shop.example/me -H @session.txt --origin https://www.shop.example
  $ crossgate scan --policy policy.yaml https://api.shop.example
  $ crossgate scan http://127.0.0.1:8081/orders --compare http://127.0.0.1:8080/orders --allow-private`,
    )
    .action(async (urls: readonly string[], flags: ScanFlags) => {
      process.exitCode = await scan(urls, flags)
    })
}

async function scan(urls: readonly string[], flags: ScanFlags): Promise<number> {
  const prepared = prepare(urls, flags)
  if (prepared === undefined) return 2
  const { targets, policy, baseline, session } = prepared

  const interruption = new AbortController()
  const interrupt = (): void => {
    // A second one must not wait for anything.
    if (interruption.signal.aborted) process.exit(3)
    interruption.abort()
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const { signal } = interruption
  const client = openClient(flags, signal)
  const progress = new ScanProgress(targets.length, flags.progress)
  const options = {
    client,
    labels: { first: randomLabel(), second: randomLabel() },
    session,
    known: flags.origin,
    headers: flags.headers === true,
    signal,
    ...(policy && { policy }),
  }
  const concurrency = flags.concurrency
  const results = await scanAll(targets, concurrency, target => scanTarget(target, options), {
    signal,
    done: result => progress.add(result),
  })
  progress.end()
  client.close()
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt)

  const report = reportOf(results, targets.length, signal.aborted, baseline, flags)
  process.stdout.write(formatScan(report, flags.format, { colour: usesColour(process.stdout) }))
  return exitCodeOf(report)
}

interface Prepared {
  readonly targets: readonly ScanTarget[]
  readonly policy: CompiledPolicy | undefined
  readonly baseline: ReadonlySet<string> | undefined
  readonly session: Session
}

/** Reads everything that is named on the command line; says what is wrong with it before anything is sent. */
function prepare(urls: readonly string[], flags: ScanFlags): Prepared | undefined {
  try {
    const texts = [...urls, ...(flags.urls === undefined ? [] : readUrls(flags.urls))]
    if (texts.length === 0) throw new Error('no URL to scan: name one, or a file of them with --urls')
    if (flags.compare !== undefined && texts.length !== 1)
      throw new Error('--compare takes exactly one URL to compare with')
    const session = readSession(flags.header)
    const baseline = flags.baseline === undefined ? undefined : openBaseline(flags.baseline)
    const given = [...texts, ...(flags.compare === undefined ? [] : [flags.compare])].map(parseTarget)
    if (flags.policy === undefined)
      return { targets: distinct(given, flags), policy: undefined, baseline, session }
    const policy = openPolicy(flags.policy, undefined, sayRefusal('scan', flags.format))?.policy
    if (policy === undefined) return undefined
    const targets = given.flatMap(target => routeTargets(target, policy, randomLabel()))
    return { targets: distinct(targets, flags), policy, baseline, session }
  } catch (error) {
    complain((error as Error).message)
    return undefined
  }
}

function parseTarget(text: string): ScanTarget {
  const target = readTarget(text)
  if ('error' in target) throw new Error(target.error)
  return target
}

function distinct(targets: readonly ScanTarget[], { compare }: ScanFlags): readonly ScanTarget[] {
  return compare === undefined ? [...new Map(targets.map(target => [target.url, target])).values()] : targets
}

function readUrls(file: string): readonly string[] {
  const text = readNamedFile(file, 'the URLs in ')
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
}

function openBaseline(file: string): ReadonlySet<string> {
  const text = readNamedFile(file, 'the baseline ')
  try {
    return readBaseline(text)
  } catch (error) {
    throw new Error(`cannot use the baseline ${file}: ${(error as Error).message}`)
  }
}

function openClient(flags: ScanFlags, signal: AbortSignal): ScanClient {
  return new ScanClient({
    timeout: flags.timeout * 1000,
    pace: new Pace(flags.rate),
    allowPrivate: flags.allowPrivate === true,
    resolve: flags.resolve,
    verifyTls: flags.dangerouslySkipVerify !== true,
    userAgent: flags.userAgent ?? `crossgate-scan/${VERSION}`,
    signal,
  })
}

function reportOf(
  results: readonly TargetResult[],
  asked: number,
  interrupted: boolean,
  baseline: ReadonlySet<string> | undefined,
  flags: ScanFlags,
): ScanReport {
  const targets = baseline === undefined ? results : results.map(each => withoutKnown(each, baseline))
  const [before, after] = targets
  const comparable = flags.compare !== undefined && before !== undefined && after !== undefined
  return {
    version: VERSION,
    finished: new Date().toISOString(),
    targets,
    asked,
    interrupted,
    failOn: flags.failOn === 'none' ? undefined : flags.failOn,
    ...(comparable && { comparison: compareTargets(before, after) }),
  }
}

/** A name that nobody can have registered or allowed. Letters only: many a careless pattern takes `[a-z]+` and no digit. */
function randomLabel(): string {
  return Array.from({ length: 12 }, () => String.fromCharCode(97 + randomInt(26))).join('')
}
