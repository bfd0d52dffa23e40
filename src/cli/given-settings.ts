import { type Given, givenSetting, type SettingSources } from '../read-settings.js'
import { SETTINGS, type SettingSpec, type Settings, variableOf } from '../settings.js'
import { complain } from './complain.js'

/**
 * One setting as `serve` would have it: the flag, else the variable, else the settings file's key, else its default. The
 * file is read only where the first two say nothing: a health check is to cost little.
 *
 * @param flag as on the command line
 * @param settingsFlag of `--settings`, where the command has it
 * @returns undefined once what is wrong with the settings file is said
 */
export async function settingOf(
  key: keyof Settings,
  flag: string | undefined,
  settingsFlag?: string,
): Promise<Given | undefined> {
  const spec = SETTINGS.find(one => one.key === key) as SettingSpec
  const isSaid = flag !== undefined || process.env[variableOf(spec)] !== undefined
  const file = isSaid ? new Map<string, never>() : await fileSettings(settingsFlag)
  return file && givenSetting(spec, { flags: { [key]: flag }, env: process.env, file })
}

/** What the settings file says, where one is named; undefined once what is wrong with it is said. */
export async function fileSettings(flag: string | undefined): Promise<SettingSources['file'] | undefined> {
  const path = flag ?? process.env['CROSSGATE_SETTINGS']
  if (path === undefined) return new Map()
  const { readSettingsFile } = await import('./settings-file.js')
  try {
    const read = readSettingsFile(path)
    if ('settings' in read) return read.settings
    const { printLoadFailure } = await import('./load-failure.js')
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
      !source.startsWith('--') && text && [':', ' '].some(end => ` ${sentence}`.includes(` ${text}${end}`)),
  )
  return named === undefined ? sentence : `${sentence} (from ${named.source})`
}
