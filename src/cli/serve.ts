import cluster from 'node:cluster'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { Command, Option } from 'commander'
import { listenFailure } from '../gateway/listener/listen-failure.js'
import type { StartFailure } from '../gateway/open-parts.js'
import type { Prepared, Running } from '../gateway/server.js'
import { LineSink } from '../observe/log/line-sink.js'
import { Patience } from '../observe/log/patience.js'
import { standardOutlet } from '../observe/log/standard-outlet.js'
import { readSettings, type SettingsResult } from '../read-settings.js'
import { flagOf, SETTINGS, type Settings, variableOf } from '../settings.js'
import { fileSettings, withSource } from './given/given-settings.js'
import { misspeltVariables } from './given/misspelt-variables.js'
import { offer } from './given/offered-values.js'
import { prepareForLongRun } from './long-run.js'
import { Signals } from './signals.js'
import { complain, complaint } from './terminal/complain.js'

/** `crossgate serve`: the gateway itself. Exits 0 after a drain, 2 on a bad setting or policy, 1 when a port is taken. */
export function serveCommand(): Command {
  const command = new Command('serve').description('Run the gateway in front of the upstreams of a policy.')
  for (const spec of SETTINGS) {
    const fallback =
      spec.fallback === undefined ? 'required' : `default: ${spec.fallback === '' ? 'none' : spec.fallback}`
    const option = new Option(
      `${flagOf(spec)} <${spec.value}>`,
      `${spec.help} (${variableOf(spec)}; ${fallback})`,
    )
    command.addOption(offer(option, spec.read.values ?? []))
  }
  return command
    .option('--settings <FILE>', 'YAML file with the settings above, in camel case (CROSSGATE_SETTINGS)')
    .addHelpText('after', '\nExample:\n  $ crossgate serve --policy config/policy.yaml --listen 0.0.0.0:8080')
    .action(async flags => {
      process.exitCode = await serve(flags)
      await (await import('../gateway/loading/loader-threads.js')).endProcessThreads()
    })
}

type GivenSettings = Extract<SettingsResult, { readonly settings: Settings }>
type Flags = Readonly<Record<string, string | undefined>>

async function serve(flags: Flags): Promise<number> {
  const signals = new Signals()
  const read = await settingsOf(flags)
  if (read === undefined) return 2
  const { settings, given } = read
  prepareForLongRun()
  // Loaded only now, so that --help and a bad setting don't wait for it.
  if (settings.workers > 1 && cluster.isWorker)
    return (await import('../gateway/workers/worker.js')).runWorker(settings)
  const running = await start(settings, signals.stop)
  if ('exit' in running) {
    if (!signals.stop.aborted) return failed(running, given)
    sayLast(`${signals.stop.reason}: ended before it served`)
    return 0
  }
  const { started, admin } = running
  const stopped = await untilStopped(started, signals, settings)
  admin?.close()
  admin?.closeAllConnections()
  return stopped
}

interface Started {
  readonly started: Running
  readonly admin: Server | undefined
}

async function start(settings: Settings, stop: AbortSignal): Promise<Started | StartFailure> {
  const prepared = await prepare(settings, stop)
  if ('exit' in prepared) return prepared
  const admin = await openAdmin(settings)
  if (admin !== undefined && 'exit' in admin) return admin
  const started = await prepared.start()
  if ('exit' in started) return started
  if (admin !== undefined)
    (await import('../admin/admin-server.js')).serveAdmin(started, admin, settings.adminHosts)
  return { started, admin }
}

async function prepare(settings: Settings, stop: AbortSignal): Promise<Prepared | StartFailure> {
  if (settings.workers > 1)
    return (await import('../gateway/workers/primary.js')).preparePrimary(settings, stop)
  return (await import('../gateway/server.js')).prepareServer(settings, stop)
}

// Before the gateway's own port: a start that will fail takes no traffic.
async function openAdmin({ admin }: Settings): Promise<Server | StartFailure | undefined> {
  if (admin === undefined) return undefined
  try {
    return await (await import('../admin/admin-port.js')).openAdminPort(admin)
  } catch (error) {
    const message = `${listenFailure(admin, error, '--admin')}; --admin off is none`
    return { exit: 1, message, problems: [], files: [] }
  }
}

async function failed(failure: StartFailure, given: GivenSettings['given']): Promise<number> {
  const { printLoadFailure } = await import('./terminal/load-failure.js')
  const { problems, message } = failure
  const paths = given.filter((_, index) => SETTINGS[index]?.read.notation === 'path')
  printLoadFailure({ ...failure, message: problems.length > 0 ? message : withSource(message, paths) })
  return failure.exit
}

/** The settings, or undefined once everything that is wrong with them is said. */
async function settingsOf(flags: Flags): Promise<GivenSettings | undefined> {
  const file = await fileSettings(flags['settings'])
  if (file === undefined) return undefined
  const read = readSettings({ flags, env: process.env, file })
  // Workers have their parent's.
  if (cluster.isPrimary) for (const warning of misspeltVariables(process.env)) complain(warning)
  if ('settings' in read) return read
  for (const error of read.errors) complain(error)
  return undefined
}

/** Serves until SIGTERM or SIGINT, then drains: what is in flight ends, within the drain timeout. */
async function untilStopped(
  running: Running,
  signals: Signals,
  { drainDelay, drainTimeout: timeout }: Settings,
): Promise<number> {
  const { stop } = signals
  signals.obeyedBy(running)
  // Whoever routes by readiness has not seen it yet.
  const isEarly = stop.aborted
  if (!isEarly) await once(stop, 'abort')
  // Ctrl-C is a person at a terminal, and nobody who routes by readiness.
  const delay = isEarly || stop.reason === 'SIGINT' ? 0 : drainDelay
  await running.stop(stop.reason, { delay, timeout })
  return 0
}

// Not by `process.stderr`: each worker that ends makes a pipe block for all that have it, and one that nobody reads would
// hold this process inside write(2).
function sayLast(sentence: string): void {
  const stderr = { outlet: standardOutlet(2), bufferBytes: 0, patience: new Patience(1_000), retry: 1_000 }
  new LineSink(stderr).write(complaint(sentence))
}
