import type { CompiledPolicy } from '../compiled/compiled-policy.js'

/**
 * How much a comparison may still do. Counted, not timed, so that the same two policies have the same answer on every
 * machine.
 */
export class Effort {
  #left: number

  /** @param steps what it may do in all; each takes a microsecond or less */
  constructor(steps: number) {
    this.#left = steps
  }

  /** @returns false where that is more than is left: then it is not to be done, and something smaller may be */
  spend(steps: number): boolean {
    if (steps > this.#left) return false
    this.#left -= steps
    return true
  }
}

/**
 * The steps for two policies: in proportion to what is in them, so that comparing them takes no longer than loading them.
 * Ordinary ones need a tenth of that.
 *
 * @param patience so many times as much, where nobody's requests wait
 */
export function stepsFor(before: CompiledPolicy, after: CompiledPolicy, patience = 1): number {
  const parts = [before, after].reduce((sum, { routes, resolved }) => {
    const hosts = routes.reduce((count, route) => count + 1 + route.hosts.length, 0)
    return sum + hosts + resolved.origins.texts.length
  }, 0)
  return patience * (LEAST_STEPS + STEPS_PER_PART * parts)
}

const LEAST_STEPS = 50_000
const STEPS_PER_PART = 20
