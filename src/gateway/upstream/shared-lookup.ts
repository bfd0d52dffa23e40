import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'

/** Asks the system for all addresses of a name. */
export type Resolve = (hostname: string, options: LookupOptions & { all: true }) => Promise<LookupAddress[]>

/**
 * Looks names up for sockets, one lookup per name at a time, whose answer is for all who ask meanwhile and for
 * GOOD_MILLISECONDS after. A lookup is a thread that nobody can call off, also when those who asked have given up: of
 * the four that there are, two may look up, so one name that is never answered, asked for by each new connection, kept
 * all other names from theirs. What failed is not kept.
 *
 * @param resolve for tests
 */
export function sharedLookup(resolve: Resolve = lookup): LookupFunction {
  const answers = new Map<string, Promise<readonly LookupAddress[]>>()

  function addressesOf(hostname: string, options: LookupOptions): Promise<readonly LookupAddress[]> {
    const { family = 0, hints = 0 } = options
    const key = `${hostname} ${family} ${hints}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const forget = (): void => void answers.delete(key)
    const asked = resolve(hostname, { family, hints, all: true })
    answers.set(key, asked)
    asked.then(() => setTimeout(forget, GOOD_MILLISECONDS).unref(), forget)
    return asked
  }

  return (hostname, options, callback) => {
    addressesOf(hostname, options).then(
      addresses => {
        if (options.all) callback(null, [...addresses])
        else callback(null, addresses[0]!.address, addresses[0]!.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
}

const GOOD_MILLISECONDS = 2_000
