import { InvalidArgumentError } from 'commander'

/** Reads an option as a whole number within bounds, both included. */
export function wholeNumber(least: number, most = 999_999_999): (text: string) => number {
  return text => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most))
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`)
    return number
  }
}
