import { addressText, sharePort } from './setting-values.js'
import { flagOf, SETTINGS, type SettingSpec, type Settings, variableOf } from './settings.js'

export type SettingsResult =
  | { readonly settings: Settings; readonly given: readonly Given[] }
  | { readonly errors: readonly string[] }

/** A setting's text as somebody wrote it, or as it is by default. */
export interface Given {
  /** As errors name it: `--listen`, `CROSSGATE_LISTEN` or a place of the settings file. */
  readonly source: string
  /** Undefined: nobody said it, and it has no default. */
  readonly text: string | undefined
}

/** Where a setting's text comes from, first wins: flags, environment, settings file, default. */
export interface SettingSources {
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file: ReadonlyMap<string, FileSetting>
}

/** A setting of the settings file, whose keys are known ones. */
export interface FileSetting extends Given {
  readonly text: string
  /** Where it stands, as errors name it: `settings.yaml:2:9: listen`. */
  readonly source: string
}

/** Reads every setting and says everything that is wrong with them at once. */
export function readSettings(sources: SettingSources): SettingsResult {
  const errors: string[] = []
  const values: Record<string, unknown> = {}
  const all: Record<string, Given> = {}
  for (const spec of SETTINGS) {
    const given = givenSetting(spec, sources)
    all[spec.key] = given
    try {
      if (given.text === undefined) throw new Error(requiredText(spec))
      values[spec.key] = spec.read(given.text)
    } catch (error) {
      errors.push(`${given.source}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (errors.length > 0) return { errors }
  const settings = values as unknown as Settings
  const conflicts = conflictsOf(settings, all as Record<keyof Settings, Given>)
  return conflicts.length > 0 ? { errors: conflicts } : { settings, given: Object.values(all) }
}

// What no value is wrong for by itself.
function conflictsOf(
  { headersTimeout, requestTimeout, listen, admin }: Settings,
  given: Readonly<Record<keyof Settings, Given>>,
): readonly string[] {
  const conflicts: string[] = []
  // Node refuses to start a server like that, with a stack trace.
  if (headersTimeout > requestTimeout) {
    conflicts.push(
      `${given.headersTimeout.source}: it must not be longer than ${given.requestTimeout.source}, which it is a part of`,
    )
  }
  if (admin !== undefined && sharePort(listen, admin)) {
    conflicts.push(
      `${given.listen.source} ${addressText(listen)} and ${given.admin.source} ${addressText(admin)} are the same address: give each a port of its own, or say --admin off`,
    )
  }
  return conflicts
}

function requiredText(spec: SettingSpec): string {
  return `it is required (or ${variableOf(spec)}), such as ${flagOf(spec)} config/policy.yaml`
}

/** What is said of one setting, and where. */
export function givenSetting(spec: SettingSpec, { flags, env, file }: SettingSources): Given {
  const flag = flags[spec.key]
  if (flag !== undefined) return { source: flagOf(spec), text: flag }
  const variable = env[variableOf(spec)]
  if (variable !== undefined) return { source: variableOf(spec), text: variable }
  return file.get(spec.key) ?? { source: flagOf(spec), text: spec.fallback }
}
