import { complain } from './complain.js'

/** Whether to write colours to a stream: on terminals only, and as NO_COLOR and FORCE_COLOR say. */
export function usesColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0'
  return stream.isTTY === true
}

/** Paints words of a report, or leaves them as they are. */
export function painter(colour: boolean): (style: keyof typeof STYLES, text: string) => string {
  return (style, text) => (colour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text)
}

/** Says on stderr what is being done, once it takes longer than a second. */
export class Progress {
  readonly #start = Date.now()

  get milliseconds(): number {
    return Date.now() - this.#start
  }

  step(what: string): void {
    if (this.milliseconds > PATIENCE) {
      complain(`${what} (${(this.milliseconds / 1000).toFixed(1)} s so far)`)
    }
  }
}

const STYLES = { good: '32', bad: '1;31', warn: '1;33', strong: '1', faint: '2' } as const

/** In milliseconds. */
const PATIENCE = 1000
