/** What a summary says besides the latest event of its kind. */
export interface FoldedCounts {
  /** How many events this record stands for; a record without it stands for itself. */
  readonly count: number
  /** RFC 3339. */
  readonly firstSeen: string
  readonly lastSeen: string
  /** The table was full: events of several kinds are counted together here. */
  readonly overflow?: true
}

/** A key of parts that are printable by now: none of them can hold what stands between them. */
export function keyOf(...parts: readonly unknown[]): string {
  return parts.join('\u0000')
}

export interface FoldOptions<E> {
  /** Milliseconds; 0: nothing is folded. */
  readonly window: number
  /** Kinds told apart within a window. */
  readonly keys: number
  /** What makes an event equal to others. */
  keyOf(event: E): string
  /** What it is counted under once the table is full; there must be few of these. */
  overflowKeyOf(event: E): string
  /** @param counts on a summary, whose event is the latest of its kind */
  emit(event: E, counts?: FoldedCounts): void
  /** What stands for all that were counted together because the table was full, from the latest of them. */
  overflowed(latest: E): E
  /** Called for each event that is counted instead of written. */
  folded(): void
}

/**
 * Folds a flood of equal events: the first of a kind goes out at once, later ones of the same window are counted
 * and go out as one summary when it ends. Nothing is lost: the counts of all records (1 where there is none) add up
 * to the number of events. Memory is bounded by `keys`, output per window by twice that.
 */
export class Fold<E extends object> {
  readonly #options: FoldOptions<E>
  readonly #kinds = new Map<string, Kind<E>>()
  readonly #overflow = new Map<string, Kind<E>>()
  #due: [Kind<E>, boolean][] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: FoldOptions<E>) {
    this.#options = options
  }

  add(event: E): void {
    if (this.#options.window === 0) {
      this.#options.emit(event)
      return
    }
    this.#timer ??= setTimeout(() => this.#endWindow(), this.#options.window).unref()
    const key = this.#options.keyOf(event)
    const known = this.#kinds.get(key)
    if (known !== undefined) this.#count(known, event)
    else if (this.#kinds.size < this.#options.keys) {
      this.#kinds.set(key, { latest: event, count: 0, first: 0, last: 0 })
      this.#options.emit(event)
    } else {
      const common = this.#options.overflowKeyOf(event)
      let kind = this.#overflow.get(common)
      if (kind === undefined) {
        kind = { latest: event, count: 0, first: 0, last: 0 }
        this.#overflow.set(common, kind)
      }
      this.#count(kind, event)
    }
  }

  /** Writes every summary now, for a shutdown. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#close()
    for (const [kind, overflow] of this.#due.splice(0)) this.#summarise(kind, overflow)
  }

  #count(kind: Kind<E>, event: E): void {
    const now = Date.now()
    if (kind.count++ === 0) kind.first = now
    kind.last = now
    kind.latest = event
    this.#options.folded()
  }

  #endWindow(): void {
    this.#timer = undefined
    const busy = this.#due.length > 0
    this.#close()
    if (!busy) this.#writeSome()
  }

  #close(): void {
    for (const kind of this.#kinds.values()) if (kind.count > 0) this.#due.push([kind, false])
    for (const kind of this.#overflow.values()) this.#due.push([kind, true])
    this.#kinds.clear()
    this.#overflow.clear()
  }

  // In steps: ten thousand synchronous writes in a row would be a pause that requests feel.
  #writeSome(): void {
    for (const [kind, overflow] of this.#due.splice(0, BATCH)) this.#summarise(kind, overflow)
    if (this.#due.length > 0) setImmediate(() => this.#writeSome())
  }

  #summarise({ latest, count, first, last }: Kind<E>, overflow: boolean): void {
    this.#options.emit(overflow ? this.#options.overflowed(latest) : latest, {
      count,
      firstSeen: new Date(first).toISOString(),
      lastSeen: new Date(last).toISOString(),
      ...(overflow && { overflow: true as const }),
    })
  }
}

interface Kind<E> {
  latest: E
  count: number
  /** Unix milliseconds, of the counted ones. */
  first: number
  last: number
}

const BATCH = 100
