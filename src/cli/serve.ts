import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { parse } from 'yaml'
import { type Running, startServer } from '../gateway/server.js'
import { flagOf, readSettings, SETTINGS, type Settings, variableOf } from '../settings.js'
import { printLoadFailure } from './load-failure.js'

/** `crossgate serve`: the gateway itself. Exits 0 after a drain, 2 on a bad setting or policy, 1 when a port is taken. */
export function serveCommand(): Command {
  const command = new Command('serve').description('Run the gateway in front of the upstreams of a policy.')
  for (const spec of SETTINGS) {
    const fallback =
      spec.fallback === undefined ? 'required' : `default: ${spec.fallback === '' ? 'none' : spec.fallback}`
    command.option(`${flagOf(spec)} <${spec.value}>`, `${spec.help} (${variableOf(spec)}; ${fallback})`)
  }
  return command
    .option('--settings <FILE>', 'YAML file with the settings above, in camel case (CROSSGATE_SETTINGS)')
    .addHelpText('after', '\nExample:\n  $ crossgate serve --policy config/policy.yaml --listen 0.0.0.0:8080')
    .action(async flags => process.exit(await serve(flags)))
}

async function serve(flags: Record<string, string | undefined>): Promise<number> {
  const read = readSettings({
    flags,
    env: process.env,
    file: settingsFile(flags['settings'] ?? process.env['CROSSGATE_SETTINGS']),
  })
  if ('errors' in read) {
    for (const error of read.errors) process.stderr.write(`crossgate: ${error}\n`)
    return 2
  }
  const started = await startServer(read.settings)
  if ('exit' in started) {
    printLoadFailure(started)
    return started.exit
  }
  return untilStopped(started, read.settings)
}

function settingsFile(path: string | undefined): ReadonlyMap<string, string> {
  if (path === undefined) return new Map()
  const content: unknown = parse(readFileSync(path, 'utf8')) ?? {}
  return new Map(Object.entries(content as object).map(([key, value]) => [key, String(value)]))
}

/** Serves until SIGTERM or SIGINT, then drains: what is in flight ends, within the drain timeout. */
async function untilStopped(running: Running, settings: Settings): Promise<number> {
  const signal = await new Promise<string>(resolve => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name))
  })
  await running.stop(signal, settings.drainTimeout)
  return 0
}
