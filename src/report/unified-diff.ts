/** What changed between two texts, as `git apply` and `patch -p1` take it; empty where nothing did. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return ''
  const [old, now] = [before.split('\n'), after.split('\n')]
  const steps = stepsBetween(old, now)
  const hunks: string[] = []
  for (let index = 0; index < steps.length; ) {
    if (steps[index]?.kind === ' ') {
      index++
      continue
    }
    const from = Math.max(0, index - CONTEXT)
    let to = index
    for (let quiet = 0; to < steps.length && quiet <= 2 * CONTEXT; to++)
      quiet = steps[to]?.kind === ' ' ? quiet + 1 : 0
    while (to > 0 && steps[to - 1]?.kind === ' ') to--
    to = Math.min(steps.length, to + CONTEXT)
    hunks.push(hunkOf(steps, from, to))
    index = to
  }
  return `--- a/${path}\n+++ b/${path}\n${hunks.join('')}`
}

interface Step {
  readonly kind: ' ' | '+' | '-'
  readonly line: string
}

function hunkOf(steps: readonly Step[], from: number, to: number): string {
  const before = (kind: '+' | '-') => steps.slice(0, from).filter(step => step.kind !== kind).length + 1
  const within = (kind: '+' | '-') => steps.slice(from, to).filter(step => step.kind !== kind)
  // The empty string behind the last line break is no line.
  const lines = steps
    .slice(from, to)
    .filter((step, index) => from + index < steps.length - 1 || step.line !== '')
  const ends = lines.length < to - from ? 1 : 0
  const head = `@@ -${before('+')},${within('+').length - ends} +${before('-')},${within('-').length - ends} @@`
  return `${head}\n${lines.map(({ kind, line }) => `${kind}${line}\n`).join('')}`
}

// Equal lines at both ends first; what is between is small, so a table will do.
function stepsBetween(old: readonly string[], now: readonly string[]): readonly Step[] {
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++
  const same = (line: string): Step => ({ kind: ' ', line })
  return [
    ...old.slice(0, start).map(same),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(same),
  ]
}

function middle(old: readonly string[], now: readonly string[]): readonly Step[] {
  const steps: Step[] = []
  if (old.length * now.length > MAX_CELLS) {
    return [
      ...old.map(line => ({ kind: '-' as const, line })),
      ...now.map(line => ({ kind: '+' as const, line })),
    ]
  }
  const width = now.length + 1
  const common = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] =
        old[i] === now[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
    }
  }
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      steps.push({ kind: ' ', line: old[i]! })
      i++
      j++
    } else if (
      i < old.length &&
      (j === now.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      steps.push({ kind: '-', line: old[i++]! })
    } else steps.push({ kind: '+', line: now[j++]! })
  }
  return steps
}

const CONTEXT = 3
const MAX_CELLS = 25_000_000
