import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * What a second worker brings: preflights per second, which the gateway answers by itself, with one worker and with
 * two, in turns, in the same run. Needs wrk (Debian's package). The load has the last processor to itself where taskset
 * can see to that, and says how much of it it used; the gateway has the others. Prints each round, the medians and
 * their ratio; exits 1 where that is under 1.7 although two processors were free for it, and says so where they were not.
 */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
/** No round begins after that, so that it ends within three minutes on a busy machine too. */
const LAST_START_MILLISECONDS = 130_000
const PINNING = pinning()
const LUA = `wrk.method = "OPTIONS"
wrk.headers["Origin"] = "https://www.shop.example"
wrk.headers["Access-Control-Request-Method"] = "GET"
`
const POLICY = `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["https://www.shop.example"], allowMethods: [GET] }] }
`

const dir = mkdtempSync(join(tmpdir(), 'crossgate-bench-'))
try {
  writeFileSync(join(dir, 'policy.yaml'), POLICY)
  writeFileSync(join(dir, 'preflight.lua'), LUA)
  process.exitCode = await main()
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function main(): Promise<number> {
  const begun = performance.now()
  const rounds: { one: Measured; two: Measured; others: number }[] = []
  say(
    PINNING === undefined
      ? `${availableParallelism()} processors, shared by all: no taskset, or too few processors`
      : `the load on processor ${PINNING.load}, the gateway on ${PINNING.gateway}`,
  )
  for (let round = 1; round <= ROUNDS; round++) {
    if (rounds.length > 0 && performance.now() - begun > LAST_START_MILLISECONDS) break
    const others = otherLoad()
    // In turns which goes first: what warms up or cools down is in both.
    const [first, second] = round % 2 === 1 ? [1, 2] : [2, 1]
    const measured = new Map([
      [first, await measure(first!)],
      [second, await measure(second!)],
    ])
    const [one, two] = [measured.get(1)!, measured.get(2)!]
    rounds.push({ one, two, others })
    say(
      `round ${round}: 1 worker ${one.rate}/s, 2 workers ${two.rate}/s, ratio ${(two.rate / one.rate).toFixed(2)}; ` +
        `load used ${percent(one.load)} and ${percent(two.load)} of a processor; others ${others.toFixed(1)} processors`,
    )
  }
  const [one, two] = [median(rounds.map(({ one }) => one.rate)), median(rounds.map(({ two }) => two.rate))]
  const ratio = median(rounds.map(({ one, two }) => two.rate / one.rate))
  say(
    `preflights per second: 1 worker ${one}, 2 workers ${two}, ratio ${ratio.toFixed(2)} (medians of ${rounds.length} rounds of 3 s, ${availableParallelism()} processors)`,
  )
  const [cheap, dear] = [
    median(rounds.map(({ one }) => one.cost)) * 1e6,
    median(rounds.map(({ two }) => two.cost)) * 1e6,
  ]
  say(
    `processor time for each: 1 worker ${cheap.toFixed(0)} us, 2 workers ${dear.toFixed(0)} us; so with two processors to themselves ${((2 * cheap) / dear).toFixed(2)} times as much`,
  )
  if (ratio >= 1.7) return 0
  const busiest = Math.max(...rounds.map(({ two }) => two.load))
  if (busiest > 0.9) return noVerdict(`the load was at its own limit (${percent(busiest)})`)
  // Two workers and the load want three; where others want them too, the ratio says nothing.
  const others = median(rounds.map(({ others }) => others))
  if (others > availableParallelism() - 3)
    return noVerdict(`others keep ${others.toFixed(1)} processors busy`)
  return 1
}

function noVerdict(why: string): number {
  say(`no verdict: ${why}`)
  return 0
}

interface Measured {
  /** Preflights per second. */
  readonly rate: number
  /** Seconds of processor for each. */
  readonly cost: number
  /** Share of a processor that the load used. */
  readonly load: number
}

async function measure(workers: number): Promise<Measured> {
  const gateway = await start(workers)
  await run(gateway.url, 4)
  const before = gateway.cpuSeconds()
  const { rate, load } = await run(gateway.url, 3)
  const cost = (gateway.cpuSeconds() - before) / (3 * rate)
  await gateway.stop()
  return { rate, cost, load }
}

async function start(workers: number) {
  const flags = ['--policy', join(dir, 'policy.yaml'), '--listen', '127.0.0.1:0', '--admin', 'off']
  const command = [
    process.execPath,
    resolve('dist/cli/main.js'),
    'serve',
    ...flags,
    '--workers',
    String(workers),
  ]
  const child = spawn(...pinned(PINNING?.gateway, command))
  const exited = new Promise<void>(done => child.on('exit', () => done()))
  const url = await new Promise<string>((found, fail) => {
    createInterface({ input: child.stderr }).on('line', line => {
      const url = /"event":"gateway.started","url":"([^"]+)"/.exec(line)?.[1]
      if (url !== undefined) found(url)
    })
    void exited.then(() => fail(new Error('the gateway did not start')))
  })
  child.stdout.resume()
  return {
    url,
    cpuSeconds: () => {
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
      const pids = [String(child.pid), ...children.split(' ').filter(Boolean)]
      return pids.reduce((sum, pid) => sum + (cpuSecondsOf(pid) ?? 0), 0)
    },
    stop: async () => {
      child.kill('SIGINT')
      await exited
    },
  }
}

async function run(url: string, seconds: number): Promise<{ rate: number; load: number }> {
  const args = ['wrk', '-t1', '-c64', `-d${seconds}s`, '-s', join(dir, 'preflight.lua'), url]
  const wrk = spawn(...pinned(PINNING?.load, args))
  let said = ''
  wrk.stdout.on('data', chunk => {
    said += chunk
  })
  let used = 0
  const watch = setInterval(() => {
    used = cpuSecondsOf(wrk.pid!) ?? used
  }, 100)
  await new Promise<void>((done, fail) => {
    wrk.on('close', () => done())
    wrk.on('error', () => fail(new Error('wrk is needed: apt-get install wrk')))
  })
  clearInterval(watch)
  if (/Non-2xx|connect [1-9]|read [1-9]|write [1-9]/.test(said)) throw new Error(said)
  return { rate: Math.round(Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1])), load: used / seconds }
}

/** Two processors and more for the gateway, the last one for the load; undefined where that cannot be. */
function pinning(): { gateway: string; load: string } | undefined {
  if (spawnSync('taskset', ['-V']).status !== 0) return undefined
  const allowed = processorsOf(
    /Cpus_allowed_list:\s+(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '',
  )
  if (allowed.length < 3) return undefined
  return { gateway: allowed.slice(0, -1).join(','), load: String(allowed.at(-1)) }
}

/** `0-2,5` */
function processorsOf(list: string): number[] {
  return list.split(',').flatMap(part => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}

function pinned(processors: string | undefined, command: readonly string[]): [string, string[]] {
  const [program = '', ...args] =
    processors === undefined ? command : ['taskset', '-c', processors, ...command]
  return [program, args]
}

/** User and system time of a process; undefined where it is gone. */
function cpuSecondsOf(pid: number | string): number | undefined {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11, 13)
    return (Number(user) + Number(system)) / 100
  } catch {
    return undefined
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function idleSeconds(): number {
  const [, , , , idle = 0] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/).map(Number)
  return idle / 100
}

/** Processors that are busy with neither us nor our gateway, measured while nothing of ours runs. */
function otherLoad(): number {
  const before = idleSeconds()
  const begun = Date.now()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  const elapsed = (Date.now() - begun) / 1000
  return availableParallelism() - (idleSeconds() - before) / elapsed
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!
}
