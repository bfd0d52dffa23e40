import { Argument, Command } from 'commander'
import { offeredValues } from './given/offered-values.js'

/** `crossgate completion`: what a shell needs to complete commands, flags and their values. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('Print the completion script of a shell.')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
Example:
  $ crossgate completion bash > ~/.local/share/bash-completion/completions/crossgate
  $ crossgate completion zsh > ~/.zfunc/_crossgate
  $ crossgate completion fish > ~/.config/fish/completions/crossgate.fish`,
    )
    .action((shell: keyof typeof SHELLS, _options: unknown, command: Command) => {
      process.stdout.write(SHELLS[shell](wordsOf(command.parent ?? command)))
    })
}

interface CommandWords {
  /** With those above it: `audit report`. */
  readonly name: string
  readonly about: string
  readonly flags: readonly {
    readonly long: string
    readonly about: string
    readonly takesValue: boolean
    readonly values: readonly string[]
  }[]
  /** Names of the commands below it, or values of the first argument where it has a closed list; else files are completed. */
  readonly values: readonly string[]
  readonly isGroup: boolean
}

// From the commands themselves, so that a new flag is completed at once.
function wordsOf(parent: Command, above = ''): readonly CommandWords[] {
  return parent.commands.flatMap(command => {
    const name = `${above}${command.name()}`
    if (name === 'help') return wordsOfHelp(command, parent)
    return [wordsOfOne(command, name), ...wordsOf(command, `${name} `)]
  })
}

// Behind it stand the names of commands.
function wordsOfHelp(help: Command, { commands }: Command): readonly CommandWords[] {
  const words = wordsOfOne(help, 'help')
  const groups = commands.filter(command => command.commands.length > 0)
  return [
    {
      ...words,
      values: commands.filter(command => command !== help).map(command => command.name()),
      isGroup: true,
    },
    ...groups.map(group => ({
      ...words,
      name: `help ${group.name()}`,
      values: group.commands.map(command => command.name()),
    })),
  ]
}

function wordsOfOne(command: Command, name: string): CommandWords {
  const below = command.commands.map(one => one.name())
  const [argument] = command.registeredArguments
  return {
    name,
    about: command.description(),
    flags: [
      ...command.options.map(option => ({
        long: option.long ?? '',
        about: option.description,
        takesValue: option.required || option.optional,
        values: offeredValues(option),
      })),
      { long: '--help', about: 'show help', takesValue: false, values: [] },
    ],
    values: below.length > 0 ? below : argument === undefined ? [] : offeredValues(argument),
    isGroup: below.length > 0,
  }
}

function topLevel(commands: readonly CommandWords[]): readonly CommandWords[] {
  return commands.filter(({ name }) => !name.includes(' '))
}

// A pattern of bash and zsh.
function groupsOf(commands: readonly CommandWords[]): string {
  return commands.flatMap(({ name, isGroup }) => (isGroup ? [`"${name}"`] : [])).join('|')
}

function bash(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, flags, values }) => {
    const choices = flags.filter(flag => flag.values.length > 0)
    const byFlag = choices.map(flag => `        ${flag.long}) words="${flag.values.join(' ')}" ;;`)
    const files = flags.filter(flag => flag.takesValue && flag.values.length === 0).map(flag => flag.long)
    return `    "${name}")
      case "$previous" in
${[...byFlag, ...(files.length > 0 ? [`        ${files.join('|')}) files=1 ;;`] : [])].join('\n')}
        *) words="${[...flags.map(flag => flag.long), ...values].join(' ')}"; files=${values.length > 0 ? 0 : 1} ;;
      esac ;;`
  })
  return `# bash completion for crossgate
_crossgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" files=0
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${topLevel(commands)
      .map(({ name }) => name)
      .join(' ')} --help --version" -- "$current"))
    return
  fi
  local command="\${COMP_WORDS[1]}" at=2
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "$command" in
      ${groupsOf(commands)}) command="$command \${COMP_WORDS[at]}"; at=$((at + 1)) ;;
      *) break ;;
    esac
  done
  case "$command" in
${cases.join('\n')}
  esac
  if [ "$files" -eq 1 ] && [ "\${current#-}" = "$current" ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _crossgate crossgate
`
}

function zsh(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, flags, values }) => {
    const specs = flags.map(({ long, about, takesValue, values: choices }) => {
      const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : ''
      return `        '*${long}[${zshText(about)}]${value}'`
    })
    const rest = values.length > 0 ? `'1:value:(${values.join(' ')})'` : "'*:file:_files'"
    return `      "${name}") _arguments \\\n${specs.join(' \\\n')} \\\n        ${rest} ;;`
  })
  return `#compdef crossgate
_crossgate() {
  local -a commands=(
${topLevel(commands)
  .map(({ name, about }) => `    '${name}:${zshText(about)}'`)
  .join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  while (( CURRENT > 2 )); do
    case "$command" in
      ${groupsOf(commands)}) command="$command \${words[2]}"; shift words; (( CURRENT-- )) ;;
      *) break ;;
    esac
  done
  case "$command" in
${cases.join('\n')}
  esac
}
_crossgate "$@"
`
}

function fish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, about, flags, values, isGroup }) => {
    const seen = name
      .split(' ')
      .map(word => `__fish_seen_subcommand_from ${word}`)
      .join('; and ')
    const inside = isGroup ? `${seen}; and not __fish_seen_subcommand_from ${values.join(' ')}` : seen
    return [
      ...(name.includes(' ')
        ? []
        : [`complete -c crossgate -n __fish_use_subcommand -f -a ${name} -d ${fishText(about)}`]),
      ...flags.map(({ long, about: help, takesValue, values: choices }) => {
        const value = choices.length > 0 ? ` -x -a ${fishText(choices.join(' '))}` : takesValue ? ' -r' : ''
        return `complete -c crossgate -n '${inside}' -l ${long.slice(2)}${value} -d ${fishText(help)}`
      }),
      ...(values.length === 0
        ? []
        : [`complete -c crossgate -n '${inside}' -f -a ${fishText(values.join(' '))}`]),
    ]
  })
  return `# fish completion for crossgate\n${lines.join('\n')}\n`
}

function zshText(text: string): string {
  // The quotes last: what ends and begins them has a backslash that is the shell's own.
  return text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''")
}

function fishText(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}

const SHELLS = { bash, zsh, fish } as const
