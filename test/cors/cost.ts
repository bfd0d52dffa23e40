/** Milliseconds that `run` takes at its best of several times, so that a busy machine does not fail a test. */
export function millisOf(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 20; round++) {
    const started = process.hrtime.bigint()
    run()
    best = Math.min(best, Number(process.hrtime.bigint() - started) / 1e6)
  }
  return best
}
