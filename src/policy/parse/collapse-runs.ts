/** Consecutive lines `- https://…` of one indentation: where each entry's scalar starts and ends. */
export interface Run {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

export interface Collapsed {
  /** As long as the original, with every offset outside the runs meaning the same. */
  readonly text: string
  /** By the offset of the run's first scalar, the only one that is still in `text`. */
  readonly runs: ReadonlyMap<number, Run>
}

/**
 * Turns all but the first line of every long run of plain list entries into a comment of the same length. A general
 * YAML parser takes 15 µs a line, which an allowlist of 100,000 origins cannot afford; these lines need no parser.
 *
 * It is only a guess that such a line is a list entry: it could stand inside a block scalar. Whoever uses this must
 * find every run again as a list item at its offset in a document without errors, and parse the original text
 * otherwise. (A line that continues the last scalar of a run is an error after the comment.)
 */
export function collapseRuns(text: string): Collapsed {
  const runs = new Map<number, Run>()
  let collapsed = ''
  let copied = 0
  for (let line = 0; line < text.length; ) {
    const run = runAt(text, line)
    if (run === undefined) {
      line = afterLine(text, line)
      continue
    }
    const { starts, ends, next } = run
    const first = starts[0] as number
    const from = ends[0] as number
    const to = ends.at(-1) as number
    runs.set(first, { starts, ends })
    collapsed += `${text.slice(copied, from)} ${'#'.repeat(to - from - 1)}`
    copied = to
    line = next
  }
  return { text: collapsed + text.slice(copied), runs }
}

/** The run that begins with the line at `line`; `next` is the start of the line after it. */
function runAt(text: string, line: number): (Run & { readonly next: number }) | undefined {
  const starts: number[] = []
  const ends: number[] = []
  let indentation: string | undefined
  let next = line
  for (;;) {
    ENTRY.lastIndex = next
    const match = ENTRY.exec(text)
    if (match === null || (indentation !== undefined && match[1] !== indentation)) break
    indentation = match[1] as string
    starts.push(next + indentation.length + 2)
    ends.push(next + indentation.length + 2 + (match[2] as string).length)
    next = ENTRY.lastIndex
  }
  return starts.length < SHORTEST ? undefined : { starts, ends, next }
}

function afterLine(text: string, line: number): number {
  const end = text.indexOf('\n', line)
  return end === -1 ? text.length : end + 1
}

const SHORTEST = 8

// Only what is a string to YAML beyond doubt: a scheme, and then nothing that could end a scalar or start a comment.
const ENTRY = /( *)- ((["']?)[a-z][a-z0-9+.-]*:\/\/[a-z0-9.*:_-]*[a-z0-9*_]\3)(?:\r?\n|$)/y
