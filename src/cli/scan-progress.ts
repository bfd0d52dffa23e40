import type { TargetResult } from '../scan/target-result.js'

/** How far a scan is, on stderr: a bar on a terminal, else a line now and then. */
export class ScanProgress {
  readonly #total: number
  readonly #stream: NodeJS.WriteStream
  readonly #shown: boolean
  #done = 0
  #findings = 0
  #lastTenth = 0

  constructor(total: number, shown: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total
    this.#shown = shown
    this.#stream = stream
    this.#draw()
  }

  add({ findings }: TargetResult): void {
    this.#done++
    this.#findings += findings.length
    this.#draw()
  }

  /** Takes the bar away, so that what follows stands on a line of its own. */
  end(): void {
    if (this.#shown && this.#stream.isTTY) this.#stream.write('\r\u001b[K')
  }

  #draw(): void {
    if (!this.#shown) return
    const share = this.#total === 0 ? 1 : this.#done / this.#total
    const sum = `${this.#done} of ${this.#total} URLs, ${this.#findings} findings`
    if (this.#stream.isTTY) {
      const full = Math.round(share * BAR)
      this.#stream.write(`\r\u001b[K[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${sum}`)
      return
    }
    const tenth = Math.floor(share * 10)
    if (tenth === this.#lastTenth) return
    this.#lastTenth = tenth
    this.#stream.write(`crossgate: ${sum}\n`)
  }
}

const BAR = 30
