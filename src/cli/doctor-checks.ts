import { readFileSync } from 'node:fs'
import { availableParallelism, networkInterfaces, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { snapshotPolicy } from '../gateway/loading/policy-snapshot.js'
import { type Answer, askUrl, isHeard } from './given/ask-url.js'

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
  const answer = await askUrl(url)
  if ('error' in answer) {
    // A name that is not known proves nothing: it may be misspelt.
    if (answer.unknownName) return result('bypass', 'unknown', `${url}: ${answer.error}`)
    if (!isHeard(answer)) return result('bypass', 'ok', `${url} cannot be reached from here: ${answer.error}`)
  }
  if (isLoopback(url)) return checkOtherAddresses(url, answer)
  return openResult(url, answer)
}

function openResult(url: string, answer: Answer): CheckResult {
  return result(
    'bypass',
    'problem',
    `${url} ${answerText(answer)} without the gateway: bind it to 127.0.0.1, or let a NetworkPolicy admit the gateway alone`,
  )
}

// What answers on the loopback address may answer on the others, too, and that is what callers elsewhere dial.
async function checkOtherAddresses(url: string, answer: Answer): Promise<CheckResult> {
  const others = ownAddresses().map(host => Object.assign(new URL(url), { hostname: host }).href)
  const answers = await Promise.all(others.map(async other => ({ other, answer: await askUrl(other) })))
  const open = answers.find(({ answer }) => isHeard(answer))
  if (open !== undefined) return openResult(open.other, open.answer)
  const text = `${url} ${answerText(answer)} to what runs on this machine`
  return others.length === 0
    ? result('bypass', 'unknown', `${text}, which has no other address to try: ask from where callers are`)
    : result('bypass', 'ok', `${text}, and on none of its other addresses`)
}

function answerText(answer: Answer): string {
  return 'error' in answer ? 'answers, though not in HTTP,' : `answers ${answer.status}`
}

function isLoopback(url: string): boolean {
  return /^(127\.[\d.]+|\[::1\]|(.*\.)?localhost)$/.test(new URL(url).hostname)
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ family, address }) => (family === 'IPv6' ? `[${address}]` : address))
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
  const answer = await askUrl(gateway)
  if ('error' in answer) return result('clock', 'problem', `${gateway} does not answer: ${answer.error}`)
  if (answer.date === undefined) return result('clock', 'unknown', `${gateway} sent no Date`)
  const seconds = Math.round((Date.parse(answer.date) - Date.now()) / 1000)
  const apart = `${gateway} ${seconds === 0 ? 'agrees with' : `is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'}`} the clock here`
  return result('clock', Math.abs(seconds) > MAX_SKEW_SECONDS ? 'problem' : 'ok', apart)
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

const MIN_FILES = 4096
const MIN_MEMORY = 128 * 1024 ** 2
const MAX_SKEW_SECONDS = 5
