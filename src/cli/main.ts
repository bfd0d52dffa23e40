#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command } from 'commander'
import { serveCommand } from './serve.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const program = new Command('crossgate')
  .description('A reverse proxy that owns the CORS policy of the APIs behind it.')
  .version(version)
  .showHelpAfterError('(see --help)')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .addCommand(serveCommand())

await program.parseAsync()
