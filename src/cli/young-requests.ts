import { setFlagsFromString } from 'node:v8'

/**
 * Tells V8 to make every object young. Else it learns while many requests wait for an upstream at once that some of
 * their objects outlive a collection, and makes such ones old from then on, also for requests that are answered at once:
 * whatever they point to is then kept and copied until the next major collection. Preflights took twice their time for
 * it, for as long as the process lived (docs/adr/0041).
 */
export function keepRequestsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
