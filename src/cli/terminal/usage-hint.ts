import type { Command } from 'commander'
import { escapeLines } from '../../report/display-text.js'

/** Has a command say what was probably meant, behind its own sentence about a wrong usage. */
export function withUsageHints(command: Command): Command {
  return command.configureOutput({
    outputError: (text, write) => {
      const hint = hintFor(text, command)
      // It repeats what was written, which a shell may have made of file names.
      write(escapeLines(hint === undefined ? text : `${text.trimEnd()}\n(Did you mean ${hint}?)\n`))
    },
  })
}

function hintFor(text: string, command: Command): string | undefined {
  const has = (flag: string) => command.options.some(({ long }) => long === flag)
  const [, flag = ''] = /^error: unknown option '(--[^' =]+|-[^' -])[^']*'\n$/.exec(text) ?? []
  const ours = OTHER_FLAGS.get(flag)
  if (ours !== undefined) return has(ours[0]) ? ours.join(' ') : undefined
  const [path] = command.args
  if (!OF_A_PATH.test(text) || path === undefined || command.registeredArguments.length > 0) return undefined
  if (path === 'help') return `crossgate ${command.name()} --help`
  return has('--policy') && command.getOptionValue('policy') === undefined ? `--policy ${path}` : undefined
}

/** A path without its flag is one argument too many, or one option too few. */
const OF_A_PATH = /^error: (?:too many arguments|required option '--policy )/

/** What other programs call it. */
const OTHER_FLAGS: ReadonlyMap<string, readonly [flag: string, value: string]> = new Map([
  ['--port', ['--listen', 'HOST:PORT']],
  ['-p', ['--listen', 'HOST:PORT']],
  ['--host', ['--listen', 'HOST:PORT']],
  ['--config', ['--policy', 'PATH']],
  ['-c', ['--policy', 'PATH']],
])
