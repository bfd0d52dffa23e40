import { Counter, type Registry } from '@prometheus-io/client'

export interface TallyOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly registers: Registry[]
}

/**
 * A counter for the path of a request. The library's own checks and hashes its labels at every step; this one walks to
 * its number by one map per label, and hands all numbers over when the metrics are read.
 */
export class Tally {
  readonly #root = new Node()

  constructor({ name, help, labelNames, registers }: TallyOptions) {
    const root = this.#root
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const [values, count] of root.counts([])) {
          this.inc(Object.fromEntries(labelNames.map((label, index) => [label, values[index]!])), count)
        }
      },
    })
  }

  /** @param values of the labels, in the order of `labelNames`; there must be few of each */
  add(values: readonly string[], count = 1): void {
    let node = this.#root
    for (const value of values) node = node.child(value)
    node.count = (node.count ?? 0) + count
  }

  /** Drops the series whose first label has this value. */
  forget(value: string): void {
    this.#root.children.delete(value)
  }
}

class Node {
  readonly children = new Map<string, Node>()
  /** Of the series that ends here. */
  count: number | undefined

  child(value: string): Node {
    const known = this.children.get(value)
    if (known !== undefined) return known
    const made = new Node()
    this.children.set(value, made)
    return made
  }

  *counts(values: readonly string[]): Iterable<readonly [readonly string[], number]> {
    if (this.count !== undefined) yield [values, this.count]
    for (const [value, child] of this.children) yield* child.counts([...values, value])
  }
}
