#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { VERSION } from '../version.js'
import { withUsageHints } from './terminal/usage-hint.js'

// What it says to nobody (a full disk, a terminal that is gone) ends no gateway.
process.stderr.on('error', () => {})

const program = withUsageHints(new Command('crossgate'))
  .description('A reverse proxy that owns the CORS policy of the APIs behind it.')
  .version(VERSION)
  // Commander's own looks at one word only; ours is one of the commands.
  .helpCommand(false)
  .showHelpAfterError('(--help lists what there is)')
  .exitOverride()

// In the order of the help. Each is loaded only when it is asked for, so that `serve` does not wait for a scanner.
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.js')).serveCommand(),
  check: async () => (await import('./check.js')).checkCommand(),
  explain: async () => (await import('./explain.js')).explainCommand(),
  test: async () => (await import('./test.js')).testCommand(),
  diff: async () => (await import('./diff.js')).diffCommand(),
  audit: async () => (await import('./audit.js')).auditCommand(),
  scan: async () => (await import('./scan.js')).scanCommand(),
  schema: async () => (await import('./schema.js')).schemaCommand(),
  completion: async () => (await import('./completion.js')).completionCommand(),
  healthcheck: async () => (await import('./healthcheck.js')).healthcheckCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
  help: async () => (await import('./help.js')).helpCommand(),
}

const asked = process.argv[2] ?? ''
// Help, completion and a misspelt command speak of all of them.
const alone = asked !== 'completion' && asked !== 'help' && Object.hasOwn(COMMANDS, asked)
for (const load of alone ? [COMMANDS[asked]!] : Object.values(COMMANDS)) {
  const command = await load()
  program.addCommand(withUsageHints(command.copyInheritedSettings(program)))
  for (const nested of command.commands) withUsageHints(nested.copyInheritedSettings(command))
}

// The one end of all commands: what they have written is out, and what they have opened keeps nobody waiting.
try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // A usage error is 2, as for every command; 1 belongs to findings.
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
for (const stream of [process.stdout, process.stderr]) await whenWritten(stream)
process.exit()

/** A pipe takes a long text in pieces. */
function whenWritten(stream: NodeJS.WriteStream): Promise<unknown> | undefined {
  return stream.writableLength === 0 ? undefined : new Promise(resolve => stream.write('', resolve))
}
