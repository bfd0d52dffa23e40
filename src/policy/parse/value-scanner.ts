/** A bracket or a quote that a text opens and does not close. */
export interface Opening {
  readonly at: number
  readonly closer: string
}

/**
 * Reads values of YAML as far as it takes to know what is left open at the end of a line: brackets, braces and quotes.
 * For texts that are no YAML, to say what is wrong with them; a value that is right is read by the library.
 */
export class ValueScanner {
  readonly #text: string
  readonly #open: Opening[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** What is open, the outermost first. */
  get open(): readonly Opening[] {
    return this.#open
  }

  /** Reads from `start` to `end`. @returns where the value ends, before a comment. */
  scan(start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const character = this.#text[at] as string
      const innermost = this.#open.at(-1)
      if (innermost !== undefined && QUOTES.has(innermost.closer)) {
        if (character === '\\' && innermost.closer === '"') at++
        else if (character === innermost.closer) this.#open.pop()
      } else if (character === '#' && (at === start || /\s/.test(this.#text[at - 1] as string))) {
        return at
      } else if (character === innermost?.closer) {
        this.#open.pop()
      } else if (
        QUOTES.has(character) ? this.#beginsValue(at, start) : this.#opensBracket(character, at, start)
      ) {
        this.#open.push({ at, closer: CLOSERS[character] ?? character })
      }
    }
    return end
  }

  // The apostrophe in `the demo's` is one; so is a bracket inside plain text.
  #beginsValue(at: number, start: number): boolean {
    let before = at - 1
    while (before >= start && /\s/.test(this.#text[before] as string)) before--
    return before < start || '[{,:'.includes(this.#text[before] as string)
  }

  #opensBracket(character: string, at: number, start: number): boolean {
    return character in CLOSERS && (this.#open.length > 0 || this.#beginsValue(at, start))
  }
}

const QUOTES = new Set(['"', "'"])
const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '{': '}' }
