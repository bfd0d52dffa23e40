import { Counter, type Registry } from '@prometheus-io/client'

export interface TallyOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** Asked before a series is begun: whether there may be one with this first label. */
  admits(value: string): boolean
  readonly registers: Registry[]
}

/**
 * A counter for the path of a request. The library's own checks and hashes its labels at every step; this one walks to
 * its number by one map per label, and hands all numbers over when the metrics are read. The first label, which names one
 * of many, is the last step: the maps before it are few, and a processor's cache holds them.
 */
export class Tally {
  readonly #admits: TallyOptions['admits']
  readonly #root = new Node()

  constructor({ name, help, labelNames, admits, registers }: TallyOptions) {
    this.#admits = admits
    const root = this.#root
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const [values, count] of root.series([])) {
          this.inc(Object.fromEntries(labelNames.map((label, index) => [label, values[index]!])), count)
        }
      },
    })
  }

  /** @param values of the labels, in the order of `labelNames`; there must be few of each but the first */
  add(values: readonly string[], count = 1): void {
    let node = this.#root
    for (let index = values.length - 1; index > 0; index--) node = node.child(values[index]!)
    const first = values[0]!
    const before = node.counts.get(first)
    if (before !== undefined || this.#admits(first)) node.counts.set(first, (before ?? 0) + count)
  }

  /** Drops the series whose first label has this value. */
  forget(value: string): void {
    this.#root.forget(value)
  }
}

class Node {
  readonly #children = new Map<string, Node>()
  /** By the value of the first label, of the series that end here. */
  readonly counts = new Map<string, number>()

  child(value: string): Node {
    const known = this.#children.get(value)
    if (known !== undefined) return known
    const made = new Node()
    this.#children.set(value, made)
    return made
  }

  forget(value: string): void {
    this.counts.delete(value)
    for (const child of this.#children.values()) child.forget(value)
  }

  *series(values: readonly string[]): Iterable<readonly [readonly string[], number]> {
    for (const [value, count] of this.counts) yield [[value, ...values], count]
    for (const [value, child] of this.#children) yield* child.series([value, ...values])
  }
}
