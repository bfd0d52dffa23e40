import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { ALLOWED, FOREIGN } from './rig.js'

/** What one virtual user may do, what must come of it, and how often it is done. */
interface Act {
  readonly name: string
  readonly weight: number
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly expected: readonly Outcome[]
  /** Leaves after so many milliseconds. */
  readonly leavesAfter?: number
}

type Outcome = number | 'cut'

/** What the users saw: how many requests, and everything that was not expected. */
export interface LoadTotals {
  sent: number
  readonly byAct: Map<string, number>
  readonly unexplained: string[]
  /** 503 with Retry-After where none was expected: the pool and its queue were full, and the client was told. */
  shed: number
  readonly milliseconds: number[]
}

/** The upstream's side of {@link mixedLoad}. */
export function mixedUpstream(incoming: IncomingMessage, response: ServerResponse): void {
  const act = incoming.url ?? ''
  if (act === '/large') response.end(LARGE)
  else if (act === '/late') setTimeout(() => response.end('late'), 300)
  else if (act === '/busy') response.writeHead(503, { 'Access-Control-Allow-Origin': '*' }).end('busy')
  else if (act === '/broken') incoming.socket.destroy()
  else if (act === '/half') {
    response.writeHead(200, { 'Content-Length': '1000' }).write('half')
    setTimeout(() => incoming.socket.destroy(), 5)
  } else if (act === '/never') setTimeout(() => response.end(), 20_000).unref()
  else incoming.pipe(response)
}

/**
 * So many users with a connection each, mixed requests, until the time is over.
 *
 * @param pause milliseconds between a user's requests, on average
 */
export async function mixedLoad(
  port: number,
  options: { readonly users: number; readonly milliseconds: number; readonly pause: number },
): Promise<LoadTotals> {
  const totals: LoadTotals = { sent: 0, byAct: new Map(), unexplained: [], shed: 0, milliseconds: [] }
  const end = performance.now() + options.milliseconds
  const deck = ACTS.flatMap(act => Array.from({ length: act.weight }, () => act))
  await Promise.all(
    Array.from({ length: options.users }, async (_, user) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      await wait((options.pause * user) / options.users)
      for (let turn = user; performance.now() < end; turn += 7) {
        const act = deck[turn % deck.length]!
        const started = performance.now()
        const outcome = await perform(port, agent, act)
        totals.sent++
        totals.byAct.set(act.name, (totals.byAct.get(act.name) ?? 0) + 1)
        if (act.name === 'get' && totals.milliseconds.length < 1_000_000)
          totals.milliseconds.push(performance.now() - started)
        if (outcome.retryAfter && !act.expected.includes(503)) totals.shed++
        else if (!act.expected.includes(outcome.end) && totals.unexplained.length < 100)
          totals.unexplained.push(`${act.name}: ${outcome.end} ${outcome.detail}`)
        await wait(options.pause * (0.5 + Math.random()))
      }
      agent.destroy()
    }),
  )
  return totals
}

function perform(
  port: number,
  agent: Agent,
  act: Act,
): Promise<{ end: Outcome; detail: string; retryAfter?: boolean }> {
  return new Promise(resolve => {
    const sent = request(
      { host: '127.0.0.1', port, agent, method: act.method, path: act.path, headers: { ...act.headers } },
      response => {
        let length = 0
        response.on('data', (chunk: Buffer) => {
          length += chunk.length
        })
        response.once('end', () =>
          resolve({
            end: response.complete ? response.statusCode! : 'cut',
            detail: `${length} B`,
            retryAfter: response.statusCode === 503 && response.headers['retry-after'] !== undefined,
          }),
        )
        response.once('error', error => resolve({ end: 'cut', detail: String(error) }))
      },
    )
    sent.once('error', error => resolve({ end: 'cut', detail: String(error) }))
    if (act.leavesAfter !== undefined) setTimeout(() => sent.destroy(), act.leavesAfter)
    sent.end(act.body)
  })
}

const LARGE = Buffer.alloc(256 * 1024, 'x')

const ACTS: readonly Act[] = [
  { name: 'get', weight: 30, method: 'GET', path: '/small', headers: { origin: ALLOWED }, expected: [200] },
  { name: 'plain', weight: 12, method: 'GET', path: '/small', expected: [200] },
  { name: 'large', weight: 5, method: 'GET', path: '/large', headers: { origin: ALLOWED }, expected: [200] },
  {
    name: 'post',
    weight: 14,
    method: 'POST',
    path: '/echo',
    headers: { origin: ALLOWED },
    body: Buffer.alloc(10_000, 'p'),
    expected: [200],
  },
  {
    name: 'preflight',
    weight: 10,
    method: 'OPTIONS',
    path: '/small',
    headers: { origin: ALLOWED, 'access-control-request-method': 'PUT' },
    expected: [204],
  },
  {
    name: 'denied',
    weight: 10,
    method: 'GET',
    path: '/small',
    headers: { origin: FOREIGN },
    expected: [403],
  },
  { name: 'ambiguous', weight: 3, method: 'GET', path: '/a/%2e%2e/b', expected: [400] },
  { name: 'late', weight: 5, method: 'GET', path: '/late', expected: [200] },
  { name: 'busy', weight: 3, method: 'GET', path: '/busy', expected: [503] },
  { name: 'broken', weight: 2, method: 'POST', path: '/broken', body: Buffer.from('x'), expected: [502] },
  { name: 'half', weight: 2, method: 'GET', path: '/half', expected: ['cut'] },
  { name: 'leaves', weight: 2, method: 'GET', path: '/never', leavesAfter: 100, expected: ['cut'] },
]
