import { readFileSync } from 'node:fs'
import { request as http } from 'node:http'
import { request as https } from 'node:https'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { snapshotPolicy } from '../gateway/loading/policy-snapshot.js'

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
            'give --around URL, where callers are, to see whether an upstream can be reached past the gateway',
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
  if ('error' in answer) {
    // A name that is not known proves nothing: it may be misspelt.
    if (UNKNOWN_NAME.has(answer.code)) return result('bypass', 'unknown', `${url}: ${answer.error}`)
    if (!SPEAKS.test(answer.code))
      return result('bypass', 'ok', `${url} cannot be reached from here: ${answer.error}`)
  }
  const how = 'error' in answer ? 'answers, though not in HTTP,' : `answers ${answer.status}`
  return result(
    'bypass',
    'problem',
    `${url} ${how} without the gateway: bind it to 127.0.0.1, or let a NetworkPolicy admit the gateway alone`,
  )
}

// A subPath (or single file) mount shows in the mount table as the file itself, and is never updated.
function checkMount(policy: string | undefined): CheckResult {
  if (policy === undefined)
    return result(
      'mount',
      'unknown',
      "give --policy PATH, inside the gateway's container, to see how it is mounted",
    )
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
  const plain = (path: string) =>
    path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return new Set(lines.map(line => plain(line.split(' ')[4] ?? '')))
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
  if (gateway === undefined)
    return result('clock', 'unknown', 'give --gateway URL to compare its clock with the one here')
  const answer = await ask(gateway)
  if ('error' in answer) return result('clock', 'problem', `${gateway} does not answer: ${answer.error}`)
  if (answer.date === undefined) return result('clock', 'unknown', `${gateway} sent no Date`)
  const seconds = Math.round((Date.parse(answer.date) - Date.now()) / 1000)
  const apart = `${gateway} ${seconds === 0 ? 'agrees with' : `is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'}`} the clock here`
  return result('clock', Math.abs(seconds) > MAX_SKEW_SECONDS ? 'problem' : 'ok', apart)
}

type Answer =
  | { readonly status: number; readonly date: string | undefined }
  | { readonly error: string; readonly code: string }

function ask(url: string): Promise<Answer> {
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
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? ''
      done({ error: IN_WORDS[code] ?? error.message, code })
    })
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
/** The other side said something that is no HTTP, or no TLS. */
const SPEAKS = /^(HPE_|EPROTO|ERR_SSL)/
const UNKNOWN_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN'])
const IN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ENOTFOUND: 'its name is not known here',
  EAI_AGAIN: 'its name cannot be looked up here',
}
const MIN_FILES = 4096
const MIN_MEMORY = 128 * 1024 ** 2
const MAX_SKEW_SECONDS = 5
