import { type TargetResult, type TargetStatus, unscannedOf } from '../scan/target-result.js'

/** How far a scan is, on stderr: a bar on a terminal, else a line now and then. */
export class ScanProgress {
  readonly #total: number
  readonly #stream: NodeJS.WriteStream
  readonly #shown: boolean
  readonly #statuses: TargetStatus[] = []
  #findings = 0
  #lastTenth = 0

  constructor(total: number, shown: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total
    this.#shown = shown
    this.#stream = stream
    this.#draw()
  }

  add({ findings, status }: TargetResult): void {
    this.#statuses.push(status)
    this.#findings += findings.length
    this.#draw()
  }

  /** Takes the bar away, so that what follows stands on a line of its own. */
  end(): void {
    if (this.#shown && this.#stream.isTTY) this.#stream.write('\r\u001b[K')
  }

  #draw(): void {
    if (!this.#shown) return
    const done = this.#statuses.length
    const share = this.#total === 0 ? 1 : done / this.#total
    if (this.#stream.isTTY) {
      const full = Math.round(share * BAR)
      this.#stream.write(`\r\u001b[K[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${this.#sum()}`)
      return
    }
    const tenth = Math.floor(share * 10)
    if (tenth === this.#lastTenth) return
    this.#lastTenth = tenth
    this.#stream.write(`crossgate: ${this.#sum()}\n`)
  }

  #sum(): string {
    const urls = `${this.#statuses.length} of ${this.#total} ${this.#total === 1 ? 'URL' : 'URLs'}`
    const findings = `${this.#findings} ${this.#findings === 1 ? 'finding' : 'findings'}`
    return [urls, findings, ...unscannedOf(this.#statuses)].join(', ')
  }
}

const BAR = 30
