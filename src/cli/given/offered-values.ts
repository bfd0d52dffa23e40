import type { Argument, Option } from 'commander'

const OFFERED = new WeakMap<Option | Argument, readonly string[]>()

/** Has a shell offer these values, though others may do as well, or something else judges them. */
export function offer<T extends Option | Argument>(to: T, values: readonly string[]): T {
  OFFERED.set(to, values)
  return to
}

/** What a shell may offer as a value; none: files. */
export function offeredValues(to: Option | Argument): readonly string[] {
  return to.argChoices ?? OFFERED.get(to) ?? []
}
