import { readSettings } from '../read-settings.js'
import type { Settings } from '../settings.js'

/** The limits that `serve` puts on a request head unless told otherwise. */
export function requestLimits(): Pick<Settings, 'maxHeaders' | 'maxHeaderBytes'> {
  const read = readSettings({ flags: { policy: '-' }, env: {}, file: new Map() })
  if ('errors' in read) throw new Error(`the defaults of the settings are wrong: ${read.errors.join('; ')}`)
  const { maxHeaders, maxHeaderBytes } = read.settings
  return { maxHeaders, maxHeaderBytes }
}
