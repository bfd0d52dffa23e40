import type { Logger } from 'pino'
import { Fold, keyOf } from './fold.js'

export type RecurringLevel = 'info' | 'warn' | 'error'

/** A line of the gateway's own log, by its `event`. */
export type LogLine = { readonly event: string } & Readonly<Record<string, unknown>>

/**
 * The lines of the gateway's own log that clients or upstreams cause, as often as they like: the first of a kind is
 * written at once, equal ones within ten seconds are counted, and when these are over one line of the latest says how
 * many (`count`, `firstSeen`, `lastSeen`). So what a flood writes is bounded, and nothing that happens goes unsaid.
 */
export class RecurringLines {
  readonly #log: Logger
  readonly #fold: Fold<Recurring>

  constructor(log: Logger) {
    this.#log = log
    this.#fold = new Fold<Recurring>({
      window: WINDOW_MILLISECONDS,
      keys: KEYS,
      keyOf: ({ line, alike }) => keyOf(line.event, ...alike),
      overflowKeyOf: ({ line }) => line.event,
      emit: ({ level, line }, counts) => log[level]({ ...line, ...counts }),
      overflowed: ({ line, ...latest }) => ({ ...latest, line: { event: line.event } }),
      folded() {},
    })
  }

  /** @param alike what makes lines of one event equal, in the same order for all of them */
  add(level: RecurringLevel, line: LogLine, alike: readonly unknown[]): void {
    if (this.#log.isLevelEnabled(level)) this.#fold.add({ level, line, alike })
  }

  /** Writes what is counted, for a shutdown. */
  close(): void {
    this.#fold.flush()
  }
}

interface Recurring {
  readonly level: RecurringLevel
  readonly line: LogLine
  readonly alike: readonly unknown[]
}

// Short, so that whoever mends an upstream and tries again does not wait for a line.
const WINDOW_MILLISECONDS = 10_000
const KEYS = 1_000
