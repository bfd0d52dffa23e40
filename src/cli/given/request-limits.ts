import type { HeadLimits } from '../../gateway/dry-run/dry-run.js'
import { readSettings } from '../../read-settings.js'

/** The limits that `serve` puts on a request head unless told otherwise. */
export function requestLimits(): HeadLimits {
  const read = readSettings({ flags: { policy: '-' }, env: {}, file: new Map() })
  if ('errors' in read) throw new Error(`the defaults of the settings are wrong: ${read.errors.join('; ')}`)
  const { maxHeaders, maxHeaderBytes } = read.settings
  return { maxHeaders, maxHeaderBytes }
}
