/** Fields of a line that was read back, where they have the type they are written with. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A field that is a list, its items as text; empty where it is none. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
