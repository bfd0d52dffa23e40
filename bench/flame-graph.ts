import { type CallFrame, KINDS, kindOf, type Profile, type ProfileNode, selfTimes } from './profile.js'

/** A call and what it called, with all stacks that begin alike in one. */
interface Frame {
  readonly label: string
  readonly kind: keyof typeof KINDS
  /** Microseconds, with what it called. */
  time: number
  readonly calls: Map<string, Frame>
}

/** A picture of a profile, without script: callers above, callees below, the widest first; a pointer shows the names. */
export function flameGraph(profile: Profile, title: string): string {
  const root = frameTree(profile)
  const boxes: string[] = []
  const depth = draw(root, 0, 0, WIDTH / root.time, root.time, boxes)
  const height = TOP + (depth + 1) * ROW + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">
<style>g:hover rect { stroke: #000 }</style>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="4" y="15" font-size="13">${escaped(title)}</text>
${legend(kindsOf(root))}
${boxes.join('\n')}
</svg>
`
}

function frameTree(profile: Profile): Frame {
  const times = selfTimes(profile)
  const nodes = new Map(profile.nodes.map(node => [node.id, node]))
  const root: Frame = { label: 'all', kind: 'native', time: 0, calls: new Map() }
  const add = (frame: Frame, node: ProfileNode): number => {
    let time = times.get(node.id) ?? 0
    for (const id of node.children ?? []) {
      const child = nodes.get(id)!
      const label = labelOf(child.callFrame)
      const known = frame.calls.get(label)
      const into = known ?? { label, kind: kindOf(child.callFrame), time: 0, calls: new Map() }
      if (known === undefined) frame.calls.set(label, into)
      time += add(into, child)
    }
    frame.time += time
    return time
  }
  add(root, profile.nodes[0]!)
  return root
}

/** @returns how many rows lie below the first */
function draw(frame: Frame, x: number, row: number, scale: number, total: number, boxes: string[]): number {
  const width = frame.time * scale
  if (width < NARROWEST) return row - 1
  const y = TOP + row * ROW
  const share = ((frame.time / total) * 100).toFixed(1)
  const letters = Math.floor((width - 6) / LETTER)
  const text =
    letters < 4
      ? ''
      : `<text x="${tenth(x + 3)}" y="${y + 12}">${escaped(frame.label.slice(0, letters))}</text>`
  boxes.push(
    `<g><title>${escaped(frame.label)}: ${share} %</title><rect x="${tenth(x)}" y="${y}" width="${tenth(width - 0.5)}" height="${ROW - 1}" fill="${KINDS[frame.kind].colour}"/>${text}</g>`,
  )
  let deepest = row
  let left = x
  for (const call of [...frame.calls.values()].toSorted((one, other) => other.time - one.time)) {
    deepest = Math.max(deepest, draw(call, left, row + 1, scale, total, boxes))
    left += call.time * scale
  }
  return deepest
}

function kindsOf({ kind, time, calls }: Frame): ReadonlySet<string> {
  if (time === 0) return new Set()
  return new Set([kind, ...[...calls.values()].flatMap(call => [...kindsOf(call)])])
}

function legend(kinds: ReadonlySet<string>): string {
  let x = 4
  return Object.entries(KINDS)
    .filter(([kind]) => kinds.has(kind))
    .map(([, { title, colour }]) => {
      const at = x
      x += 24 + title.length * LETTER
      return `<rect x="${at}" y="22" width="12" height="12" fill="${colour}"/><text x="${at + 16}" y="32">${escaped(title)}</text>`
    })
    .join('')
}

/** The name, and the file without the folders that only this machine has. */
function labelOf({ functionName, url, lineNumber }: CallFrame): string {
  if (url === '') return functionName || '(anonymous)'
  const file = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/dist\//, 'crossgate/')
  return `${functionName || `(line ${lineNumber + 1})`} ${file}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function tenth(value: number): string {
  return value.toFixed(1)
}

const WIDTH = 1400
const TOP = 42
const ROW = 17
/** Width of a letter of the font. */
const LETTER = 6.7
/** What is narrower is left out. */
const NARROWEST = 2
