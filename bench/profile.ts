/** What `node --cpu-prof` writes, as far as we read it, and which part of it is meant. */
export interface Profile {
  readonly nodes: readonly ProfileNode[]
  /** Node by node, what ran at each look. */
  readonly samples: readonly number[]
  /** Microseconds from look to look. */
  readonly timeDeltas: readonly number[]
  /** Microseconds. */
  readonly startTime: number
  /** From and to, in the clock of `startTime`. */
  readonly window: readonly [number, number]
}

export interface ProfileNode {
  readonly id: number
  readonly callFrame: CallFrame
  readonly children?: readonly number[]
}

export interface CallFrame {
  readonly functionName: string
  readonly url: string
  /** From 0. */
  readonly lineNumber: number
}

/** Microseconds that each node itself ran within the window; idle time is nobody's. */
export function selfTimes({
  nodes,
  samples,
  timeDeltas,
  startTime,
  window,
}: Profile): ReadonlyMap<number, number> {
  const idle = new Set(nodes.filter(node => kindOf(node.callFrame) === 'idle').map(({ id }) => id))
  const [from, to] = window
  const times = new Map<number, number>()
  let at = startTime
  samples.forEach((id, index) => {
    const delta = timeDeltas[index] ?? 0
    at += delta
    if (at < from || at > to || idle.has(id)) return
    times.set(id, (times.get(id) ?? 0) + delta)
  })
  return times
}

/** Whose code a frame is. */
export function kindOf({ functionName, url }: CallFrame): keyof typeof KINDS {
  if (functionName === '(idle)') return 'idle'
  if (functionName === '(garbage collector)') return 'garbage'
  if (functionName === '(program)') return 'native'
  // undici's parser is the one WebAssembly module there is.
  if (url.includes('/node_modules/undici/') || url.startsWith('wasm:')) return 'undici'
  if (url.includes('/node_modules/')) return 'fastify'
  if (url.includes('/dist/')) return 'crossgate'
  if (url.startsWith('node:')) return 'node'
  return 'native'
}

export const KINDS = {
  crossgate: { title: 'Crossgate', colour: '#f4a259' },
  fastify: { title: 'Fastify and other packages', colour: '#8cb369' },
  undici: { title: 'undici', colour: '#5b8e7d' },
  node: { title: 'Node: HTTP, streams, sockets', colour: '#9db4c0' },
  native: { title: 'Node and the system below JavaScript: parser, libuv, system calls', colour: '#c2c5bb' },
  garbage: { title: 'garbage collection', colour: '#bc4b51' },
  idle: { title: 'idle', colour: '#ffffff' },
} as const
