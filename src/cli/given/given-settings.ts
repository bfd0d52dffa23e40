import type { Command } from 'commander'
import { type Given, givenSetting, type SettingSources } from '../../read-settings.js'
import { SETTINGS, type SettingSpec, type Settings, variableOf } from '../../settings.js'
import { complain } from '../terminal/complain.js'

/**
 * One setting as `serve` would have it: the flag, else the variable, else the settings file's key, else its default. The
 * file is read only where the first two say nothing: a health check is to cost little.
 *
 * @param flag as on the command line
 * @param settingsFlag of `--settings`, where the command has it
 * @returns undefined once what is wrong with it, or with the settings file, is said
 */
export async function settingOf(
  key: keyof Settings,
  flag: string | undefined,
  settingsFlag?: string,
): Promise<Given | undefined> {
  const spec = SETTINGS.find(one => one.key === key) as SettingSpec
  const isSaid = flag !== undefined || process.env[variableOf(spec)] !== undefined
  const file = isSaid ? new Map<string, never>() : await fileSettings(settingsFlag)
  return file && readable(spec, givenSetting(spec, { flags: { [key]: flag }, env: process.env, file }))
}

function readable(spec: SettingSpec, given: Given): Given | undefined {
  try {
    if (given.text !== undefined) spec.read(given.text)
    return given
  } catch (error) {
    complain(`${given.source}: ${(error as Error).message}`)
    return undefined
  }
}

/** The policies that arguments name, else the one that `serve` would have; a usage error where there is none. */
export async function policiesOf(
  paths: readonly string[],
  command: Command,
): Promise<readonly Given[] | undefined> {
  if (paths.length > 0) return paths.map(givenByArgument)
  const policy = await settingOf('policy', undefined)
  if (policy?.text !== undefined) return [policy]
  return policy && command.error("error: missing required argument 'PATH' (or CROSSGATE_POLICY)")
}

/** As an argument, which needs no telling where it stands. */
export function givenByArgument(text: string): Given {
  return { source: '', text }
}

/** The policy of `--policy`, else the one that `serve` would have; a usage error where there is none. */
export async function requiredPolicy(flag: string | undefined, command: Command): Promise<Given | undefined> {
  const policy = await settingOf('policy', flag)
  if (policy === undefined || policy.text !== undefined) return policy
  return command.error("error: required option '--policy <PATH>' not specified (or CROSSGATE_POLICY)")
}

/** What the settings file says, where one is named; undefined once what is wrong with it is said. */
export async function fileSettings(flag: string | undefined): Promise<SettingSources['file'] | undefined> {
  const path = flag ?? process.env['CROSSGATE_SETTINGS']
  if (path === undefined) return new Map()
  const { readSettingsFile } = await import('./settings-file.js')
  try {
    const read = readSettingsFile(path)
    if ('settings' in read) return read.settings
    const { printLoadFailure } = await import('../terminal/load-failure.js')
    printLoadFailure({ ...read, exit: 2, message: 'the settings file is invalid; nothing was done' })
  } catch (error) {
    complain((error as Error).message)
  }
  return undefined
}

/** A sentence about a file that is of no use, with where its name stands: whoever reads it did not write it just now. */
export function withSource(sentence: string, given: readonly Given[]): string {
  const named = given.find(
    ({ source, text }) =>
      !/^$|^--/.test(source) && text && [':', ' '].some(end => ` ${sentence} `.includes(` ${text}${end}`)),
  )
  return named === undefined ? sentence : `${sentence} (from ${named.source})`
}
