import { readFileSync } from 'node:fs'
import { request as http } from 'node:http'
import { request as https } from 'node:https'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { snapshotPolicy } from '../gateway/policy-snapshot.js'

export interface CheckResult {
  readonly check: 'bypass' | 'mount' | 'limits' | 'clock'
  /** `unknown` where this place cannot tell. */
  readonly status: 'ok' | 'problem' | 'unknown'
  readonly text: string
}

export interface CheckOptions {
  readonly policy: string | undefined
  readonly around: readonly string[]
  readonly gateway: string | undefined
}

export async function runChecks({ policy, around, gateway }: CheckOptions): Promise<readonly CheckResult[]> {
  return [
    ...(await Promise.all(around.map(checkBypass))),
    ...(around.length === 0
      ? [
          result(
            'bypass',
            'unknown',
            'name an upstream by --around, from where callers are, to see that it is shut',
          ),
        ]
      : []),
    checkMount(policy),
    ...checkLimits(),
    await checkClock(gateway),
  ]
}

async function checkBypass(url: string): Promise<CheckResult> {
  const answer = await ask(url)
  if ('error' in answer) return result('bypass', 'ok', `${url} does not answer here (${answer.error})`)
  return result(
    'bypass',
    'problem',
    `${url} answers ${answer.status} without the gateway: bind it to 127.0.0.1, or let a NetworkPolicy admit the gateway alone`,
  )
}

// A subPath (or single file) mount shows in the mount table as the file itself, and is never updated.
function checkMount(policy: string | undefined): CheckResult {
  if (policy === undefined) return result('mount', 'unknown', 'no --policy')
  const snapshot = snapshotPolicy(policy)
  if (snapshot.error !== undefined) return result('mount', 'problem', snapshot.error)
  const mounts = mountPoints()
  const single = snapshot.files.find(({ file }) => mounts.has(resolve(file)))
  if (single !== undefined)
    return result(
      'mount',
      'problem',
      `${single.file} is mounted as a single file (subPath?): its changes never arrive. Mount the directory`,
    )
  const how = snapshot.atomic
    ? 'a ConfigMap, swapped as a whole'
    : 'plain files, taken once they stop changing'
  return result('mount', 'ok', `${policy}: ${how}`)
}

function mountPoints(): ReadonlySet<string> {
  const lines = read('/proc/self/mountinfo')?.split('\n') ?? []
  return new Set(lines.map(line => (line.split(' ')[4] ?? '').replace(/\\040/g, ' ')))
}

function checkLimits(): readonly CheckResult[] {
  const open = Number(/Max open files\s+(\d+)/.exec(read('/proc/self/limits') ?? '')?.[1])
  const memory = memoryLimit()
  const megabytes = Math.round(memory / 1024 ** 2)
  return [
    Number.isNaN(open)
      ? result('limits', 'unknown', 'the limit of open files cannot be read here')
      : open < MIN_FILES
        ? result(
            'limits',
            'problem',
            `${open} open files: every connection takes two. Allow at least ${MIN_FILES}`,
          )
        : result('limits', 'ok', `${open} open files`),
    memory < MIN_MEMORY
      ? result(
          'limits',
          'problem',
          `${megabytes} MiB of memory: give each worker at least ${MIN_MEMORY / 1024 ** 2} MiB`,
        )
      : result('limits', 'ok', `${megabytes} MiB of memory, ${availableParallelism()} processors`),
  ]
}

function memoryLimit(): number {
  const limits = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']
    .map(path => Number(read(path)?.trim()))
    .filter(bytes => bytes > 0)
  return Math.min(totalmem(), ...limits)
}

// A wrong clock expires origins too early or too late, and puts records where nobody looks for them.
async function checkClock(gateway: string | undefined): Promise<CheckResult> {
  if (gateway === undefined) return result('clock', 'unknown', 'no --gateway to compare with')
  const answer = await ask(gateway)
  if ('error' in answer) return result('clock', 'problem', `${gateway} does not answer: ${answer.error}`)
  if (answer.date === undefined) return result('clock', 'unknown', `${gateway} sent no Date`)
  const seconds = Math.round((Date.parse(answer.date) - Date.now()) / 1000)
  const apart = `${gateway} is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} this clock`
  return result('clock', Math.abs(seconds) > MAX_SKEW_SECONDS ? 'problem' : 'ok', apart)
}

function ask(url: string): Promise<{ status: number; date: string | undefined } | { error: string }> {
  return new Promise(done => {
    const asking = url.startsWith('https:') ? https : http
    // Whoever answers is reachable, whatever his certificate says.
    const sent = asking(
      url,
      { agent: false, timeout: TIMEOUT, rejectUnauthorized: false } as object,
      response => {
        response.resume()
        done({ status: response.statusCode ?? 0, date: response.headers.date })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`nothing in ${TIMEOUT / 1000} s`)))
    sent.on('error', (error: NodeJS.ErrnoException) => done({ error: error.code ?? error.message }))
    sent.end()
  })
}

function result(check: CheckResult['check'], status: CheckResult['status'], text: string): CheckResult {
  return { check, status, text }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const TIMEOUT = 3_000
const MIN_FILES = 4096
const MIN_MEMORY = 128 * 1024 ** 2
const MAX_SKEW_SECONDS = 5
