import { Command } from 'commander'
import { nearest } from '../policy/problems/suggest.js'

/** `crossgate help`: the help of a command, by as many words as it takes. */
export function helpCommand(): Command {
  return new Command('help')
    .description('Show the help of a command.')
    .argument('[COMMAND...]', 'the command, such as check, or audit report')
    .addHelpText('after', '\nExample:\n  $ crossgate help audit report')
    .action((words: readonly string[], _options: unknown, command: Command) => {
      showHelp(command.parent ?? command, words)
    })
}

function showHelp(program: Command, words: readonly string[]): never {
  let asked: Command = program
  for (const [index, word] of words.entries()) {
    const next = asked.commands.find(one => one.name() === word)
    if (next === undefined) {
      const above = words.slice(0, index)
      const meant = nearest(
        word,
        asked.commands.map(one => one.name()),
      )
      const hint =
        meant === undefined ? '' : `\n(Did you mean ${['crossgate help', ...above, meant].join(' ')}?)`
      program.error(`error: there is no command '${[...above, word].join(' ')}'${hint}`)
    }
    asked = next
  }
  asked.help()
}
