/**
 * The candidate that `text` was probably meant to be: the nearest by edits, case aside, or the one that contains it
 * (`methods` for `allowMethods`). Undefined where nothing is near enough to be worth a guess.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates]
  const wanted = text.toLowerCase()
  const containing = (candidate: string) => wanted.length > 3 && candidate.toLowerCase().includes(wanted)
  return nearestByEdits(text, all) ?? all.find(containing)
}

/** The same by edits alone. */
export function nearestByEdits(text: string, candidates: Iterable<string>): string | undefined {
  // A name this long is no typo, and the distance costs the product of the lengths.
  if (text.length > 64) return undefined
  const wanted = text.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.min(3, Math.ceil(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase()
    if (Math.abs(lower.length - wanted.length) >= bestDistance) continue
    const distance = editDistance(wanted, lower)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein: insertions, deletions and substitutions between two texts. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitution))
    }
    row = next
  }
  return row[b.length] as number
}
