import { addressText, sharePort } from './setting-values.js'
import { flagOf, SETTINGS, type SettingSpec, type Settings, variableOf } from './settings.js'

export type SettingsResult = { readonly settings: Settings } | { readonly errors: readonly string[] }

/** Where a setting's text comes from, first wins: flags, environment, settings file, default. */
export interface SettingSources {
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file: ReadonlyMap<string, FileSetting>
}

/** A setting of the settings file, whose keys are known ones. */
export interface FileSetting {
  readonly text: string
  /** Where it stands, as errors name it: `settings.yaml:2:9: listen`. */
  readonly source: string
}

/** Reads every setting and says everything that is wrong with them at once. */
export function readSettings(sources: SettingSources): SettingsResult {
  const errors: string[] = []
  const values: Record<string, unknown> = {}
  const named: Record<string, string> = {}
  for (const spec of SETTINGS) {
    const given = givenText(spec, sources)
    named[spec.key] = given.source
    try {
      if (given.text === undefined) throw new Error(requiredText(spec))
      values[spec.key] = spec.read(given.text)
    } catch (error) {
      errors.push(`${given.source}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (errors.length > 0) return { errors }
  const settings = values as unknown as Settings
  const conflicts = conflictsOf(settings, named as Record<keyof Settings, string>)
  return conflicts.length > 0 ? { errors: conflicts } : { settings }
}

// What no value is wrong for by itself.
function conflictsOf(
  { headersTimeout, requestTimeout, listen, admin }: Settings,
  named: Readonly<Record<keyof Settings, string>>,
): readonly string[] {
  const conflicts: string[] = []
  // Node refuses to start a server like that, with a stack trace.
  if (headersTimeout > requestTimeout) {
    conflicts.push(
      `${named.headersTimeout}: it must not be longer than ${named.requestTimeout}, which it is a part of`,
    )
  }
  if (admin !== undefined && sharePort(listen, admin)) {
    conflicts.push(
      `${named.listen} ${addressText(listen)} and ${named.admin} ${addressText(admin)} are the same address: give each a port of its own, or say --admin off`,
    )
  }
  return conflicts
}

function requiredText(spec: SettingSpec): string {
  return `it is required (or ${variableOf(spec)}), such as ${flagOf(spec)} config/policy.yaml`
}

function givenText(
  spec: SettingSpec,
  { flags, env, file }: SettingSources,
): { readonly source: string; readonly text: string | undefined } {
  const flag = flags[spec.key]
  if (flag !== undefined) return { source: flagOf(spec), text: flag }
  const variable = env[variableOf(spec)]
  if (variable !== undefined) return { source: variableOf(spec), text: variable }
  return file.get(spec.key) ?? { source: flagOf(spec), text: spec.fallback }
}
