import { lookup as dnsLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress } from './target.js'

/** Addresses by host name, given by the user: where to connect instead of asking the DNS. */
export type Resolve = ReadonlyMap<string, string>

/** A name that leads to an address which is not to be scanned. */
export class RefusedAddress extends Error {}

/**
 * A lookup for connections that refuses private addresses at the moment of connecting, so that no DNS answer can turn
 * a public name into a way into this network between a check and its use.
 */
export function lookupGuarded({
  resolve,
  allowPrivate,
}: {
  readonly resolve: Resolve
  readonly allowPrivate: boolean
}): LookupFunction {
  return (hostname, options, callback) => {
    const given = resolve.get(hostname)
    if (given !== undefined) {
      const family = isIP(given)
      if (options.all) callback(null, [{ address: given, family }])
      else callback(null, given, family)
      return
    }
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const wrong = allowPrivate ? undefined : addresses.find(({ address }) => isPrivateAddress(address))
      const [first] = addresses
      if (wrong !== undefined || first === undefined)
        return callback(
          new RefusedAddress(
            `${hostname} is ${wrong?.address ?? 'nowhere'}, a private address: add --allow-private to scan it`,
          ),
          [],
        )
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
