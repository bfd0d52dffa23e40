#!/usr/bin/env node
import { Command } from 'commander'
import { auditCommand } from './audit.js'
import { checkCommand } from './check.js'
import { completionCommand } from './completion.js'
import { diffCommand } from './diff.js'
import { doctorCommand } from './doctor.js'
import { explainCommand } from './explain.js'
import { healthcheckCommand } from './healthcheck.js'
import { scanCommand } from './scan.js'
import { schemaCommand } from './schema.js'
import { serveCommand } from './serve.js'
import { VERSION } from './terminal.js'
import { testCommand } from './test.js'

const program = new Command('crossgate')
  .description('A reverse proxy that owns the CORS policy of the APIs behind it.')
  .version(VERSION)
  .showHelpAfterError('(--help lists what there is)')
  // A usage error is 2, as for every command; 1 belongs to findings.
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

const COMMANDS = [
  serveCommand(),
  checkCommand(),
  explainCommand(),
  testCommand(),
  diffCommand(),
  auditCommand(),
  scanCommand(),
  schemaCommand(),
  completionCommand(),
  healthcheckCommand(),
  doctorCommand(),
]
for (const command of COMMANDS) {
  program.addCommand(command.copyInheritedSettings(program))
  for (const nested of command.commands) nested.copyInheritedSettings(command)
}

await program.parseAsync()
