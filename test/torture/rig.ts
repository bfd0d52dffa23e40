import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Test } from 'tap'
import { type AuditRecord, startGateway, type TestGateway } from '../helpers/gateway.js'
import { type Answer, type Ask, send } from '../helpers/send.js'
import { Ledger } from './ledger.js'

/** On the allowlist of {@link policyOf}'s routes, and not. */
export const ALLOWED = 'https://app.example'
export const FOREIGN = 'https://evil.example'

/** A policy of one upstream, `api`, and the given routes; timeouts short, so that a row takes seconds. */
export function policyOf(upstreamOrigin: string, routes = ROUTES, upstreamFields = TIMEOUTS): string {
  return `version: 1
upstreams:
  api: { url: "${upstreamOrigin}", ${upstreamFields} }
routes:
${routes}`
}

export const TIMEOUTS = 'timeouts: { connect: 1s, headers: 2s, idle: 2s }'

/** One rule for an allowed origin, with credentials, on every path. */
export const ROUTES = `  - id: api
    path: /**
    upstream: api
    cors:
      - allowOrigins: ["${ALLOWED}"]
        allowMethods: [GET, POST, PUT, DELETE]
        allowHeaders: [content-type, x-asked]
        exposeHeaders: [x-exposed]
        allowCredentials: true
`

export interface Rig {
  readonly gateway: TestGateway
  readonly port: number
  readonly ledger: Ledger
  /** A well-formed request, entered in the ledger; undefined where no answer came. */
  ask(ask?: Ask): Promise<Answer | undefined>
}

/** A real gateway that records every decision, with a ledger beside it. */
export async function openRig(
  t: Test,
  policy: string,
  flags: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<Rig> {
  const gateway = await startGateway(t, {
    policy,
    flags: ['--audit', 'all', '--log-level', 'info', ...flags],
    nodeFlags,
  })
  const ledger = new Ledger()
  return {
    gateway,
    port: gateway.port,
    ledger,
    async ask(ask = {}) {
      const id = ledger.begin()
      try {
        const answer = await send(gateway.port, { ...ask, headers: { ...ask.headers, 'x-request-id': id } })
        if (answer.cut) ledger.end(id, 'cut', undefined)
        else if (isRefusal(answer)) ledger.end(id, 'refused', answer.status)
        else ledger.end(id, 'answered', answer.status)
        return answer
      } catch {
        ledger.end(id, 'cut', undefined)
        return undefined
      }
    },
  }
}

/** True for a problem that the gateway itself wrote. */
export function isRefusal(answer: Answer): boolean {
  return answer.body.includes('urn:crossgate:problem:')
}

/** What came back for some bytes. */
export interface Shot {
  /** Everything received, latin-1. */
  readonly text: string
  /** The statuses of all answers in it, as a naive reader finds them. */
  readonly statuses: readonly number[]
  /** Whether the gateway closed the connection, and how; `open`: not within the time. */
  readonly closed: 'end' | 'reset' | 'open'
}

/**
 * Sends bytes on a connection of its own and reads until the gateway closes it.
 *
 * @param patience milliseconds after which a connection counts as kept open
 */
export function shoot(port: number, bytes: string | Buffer, patience = 3_000): Promise<Shot> {
  return new Promise(resolve => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const finish = (closed: Shot['closed']): void => {
      clearTimeout(timer)
      socket.destroy()
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(match => Number(match[1]))
      resolve({ text, statuses, closed })
    }
    const timer = setTimeout(() => finish('open'), patience)
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
    })
    socket.once('end', () => finish('end'))
    socket.once('error', () => finish('reset'))
    socket.write(bytes, 'latin1' as BufferEncoding)
  })
}

/** Request line and headers from lines, ended as HTTP wants it. */
export function head(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Runs `work` for each item, `width` at a time. */
export async function eachOf<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const queue = [...items].entries()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of queue) await work(item, index)
    }),
  )
}

/** Polls until `holds`, at most `milliseconds`; tells whether it did. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  milliseconds = 10_000,
): Promise<boolean> {
  const end = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > end) return false
    await wait(10)
  }
  return true
}

/** CPU time that a process has used, all threads, in milliseconds. */
export function cpuOf(pid: number): number {
  // Linux: nanoseconds of the main thread alone would miss the garbage collector's.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** CPU time of the thread that runs JavaScript, in microseconds. */
export function mainThreadOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1000
}

/** Resident memory of a process in MiB. */
export function memoryOf(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
  return (pages * 4096) / 1024 ** 2
}

/** A value that no other request has: for paths and ids. */
export function unique(): string {
  return randomUUID()
}

/** The decision records so far, without the policy's own. */
export function decisionsOf(gateway: TestGateway): AuditRecord[] {
  return gateway.records.filter(({ event }) => event.startsWith('cors.'))
}

/** A connection that stays: for clients that send or read slowly. */
export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
