#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command } from 'commander'
import { serveCommand } from './serve.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const program = new Command('crossgate')
  .description('A reverse proxy that owns the CORS policy of the APIs behind it.')
  .version(version)
  .showHelpAfterError('(--help lists what there is)')
  // A usage error is 2, as for every command; 1 belongs to findings.
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

for (const command of [serveCommand()]) program.addCommand(command.copyInheritedSettings(program))

await program.parseAsync()
