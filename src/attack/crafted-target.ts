/** The origin to pass for. */
export interface CraftedTarget {
  readonly scheme: string
  readonly host: string
  /** Digits; empty for the default port. */
  readonly port: string
  /** The registrable domain of the host, for whoever reads the public suffix list; undefined: the host itself is taken for it. */
  readonly site?: string | undefined
  /** The suffix below which anyone can register; undefined: unknown. */
  readonly suffix?: string | undefined
}

/** The origin with another host; undefined where there is none. */
export function originOf(target: CraftedTarget, name: string): string
export function originOf(target: CraftedTarget, name: string | undefined): string | undefined
export function originOf(target: CraftedTarget, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return `${target.scheme}://${name}${portOf(target)}`
}

export function portOf({ port }: CraftedTarget): string {
  return port === '' ? '' : `:${port}`
}

export function siteOf({ host: name, site: registrable = name }: CraftedTarget): string {
  return registrable
}

/** False for addresses, around which nothing can be registered. */
export function isName({ host: name }: CraftedTarget): boolean {
  return !name.startsWith('[') && !/^[\d.]+$/.test(name)
}

export function labelOf(attacker: string): string {
  return attacker.split('.', 1)[0] ?? attacker
}
