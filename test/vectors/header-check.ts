import type { HeaderExpectation, HeaderPair } from './vector.js'

/** Why a response's header is not what is expected of it; undefined where it is. */
export function headerFault(
  name: string,
  expected: HeaderExpectation,
  lines: readonly HeaderPair[],
): string | undefined {
  const values = lines.filter(line => line[0].toLowerCase() === name).map(line => line[1])
  const value = values.length === 0 ? null : values.join(', ')
  const wanted = typeof expected === 'string' ? { oneOf: [expected] } : expected
  for (const [check, argument] of Object.entries(wanted)) {
    const holds = CHECKS[check]
    if (holds === undefined) return `${name}: the harness does not know "${check}"`
    if (!holds({ value, values, items: itemsOf(values) }, argument as never)) {
      return `${name}: ${check} ${JSON.stringify(argument)}, got ${JSON.stringify(value)}`
    }
  }
  return undefined
}

interface Header {
  /** All lines combined; null where there is none. */
  readonly value: string | null
  readonly values: readonly string[]
  /** As a list, in lower case. */
  readonly items: readonly string[]
}

type Check = (header: Header, argument: never) => boolean

const CHECKS: Readonly<Record<string, Check | undefined>> = {
  absent: ({ value }) => value === null,
  oneOf: ({ value }, allowed: readonly (string | null)[]) => allowed.includes(value),
  oneOfOrAny: () => true,
  list: ({ items }, all: readonly string[]) => sorted(items) === sorted(all.map(lower)),
  listIncludes: ({ items }, some: readonly string[]) => some.every(item => items.includes(lower(item))),
  listIncludesCS: ({ values }, some: readonly string[]) =>
    some.every(item => split(values.join(',')).includes(item)),
  listOnce: ({ items }, one: string) => items.filter(item => item === lower(one)).length === 1,
  single: ({ values }, one: string) => values.length === 1 && values[0] === one,
  lines: ({ values }, all: readonly string[]) => values.join('\n') === all.join('\n'),
  notContains: ({ value }, text: string) => !value?.includes(text),
  notEquals: ({ value }, text: string) => value !== text,
  starOrIncludes: ({ items }, one: string) => items.includes('*') || items.includes(lower(one)),
}

function itemsOf(values: readonly string[]): readonly string[] {
  return split(values.join(',')).map(lower)
}

function split(value: string): readonly string[] {
  return value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}

function sorted(items: readonly string[]): string {
  return [...items].sort().join()
}

function lower(text: string): string {
  return text.toLowerCase()
}
