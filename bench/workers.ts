import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * What a second worker brings: preflights per second, which the gateway answers by itself, with one worker and with
 * two, in turns, in the same run. Needs wrk (Debian's package). Prints the medians and their ratio; exits 1 where that
 * is under 1.7 although two processors were free for it, and says so where they were not.
 */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
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
  const rates = new Map<number, number[]>([
    [1, []],
    [2, []],
  ])
  const costs = new Map<number, number[]>([
    [1, []],
    [2, []],
  ])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [workers, list] of rates) {
      const gateway = await start(workers)
      run(gateway.url, 4)
      const before = gateway.cpuSeconds()
      list.push(run(gateway.url, 3))
      costs.get(workers)!.push((gateway.cpuSeconds() - before) / (3 * list.at(-1)!))
      await gateway.stop()
    }
  }
  const [one, two] = [median(rates.get(1)!), median(rates.get(2)!)]
  const ratio = two / one
  process.stdout.write(
    `preflights per second: 1 worker ${one}, 2 workers ${two}, ratio ${ratio.toFixed(2)} (median of ${ROUNDS} rounds of 3 s, ${availableParallelism()} processors)\n`,
  )
  const [cheap, dear] = [median(costs.get(1)!) * 1e6, median(costs.get(2)!) * 1e6]
  process.stdout.write(
    `processor time for each: 1 worker ${cheap.toFixed(0)} us, 2 workers ${dear.toFixed(0)} us; so with two processors to themselves ${((2 * cheap) / dear).toFixed(2)} times as much\n`,
  )
  // Two workers and wrk want three; where others want them too, the ratio says nothing.
  const others = otherLoad()
  if (ratio >= 1.7) return 0
  if (others > availableParallelism() - 3) {
    process.stdout.write(`no verdict: others keep ${others.toFixed(1)} processors busy\n`)
    return 0
  }
  return 1
}

async function start(workers: number) {
  const flags = ['--policy', join(dir, 'policy.yaml'), '--listen', '127.0.0.1:0', '--admin', 'off']
  const child = spawn(process.execPath, [
    resolve('dist/cli/main.js'),
    'serve',
    ...flags,
    '--workers',
    String(workers),
  ])
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
      return [String(child.pid), ...children.split(' ').filter(Boolean)].reduce((sum, pid) => {
        const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .split(') ')[1]!
          .split(' ')
          .slice(11, 13)
        return sum + (Number(user) + Number(system)) / 100
      }, 0)
    },
    stop: async () => {
      child.kill('SIGINT')
      await exited
    },
  }
}

function run(url: string, seconds: number): number {
  const args = ['-t1', '-c64', `-d${seconds}s`, '-s', join(dir, 'preflight.lua'), url]
  const { stdout, error } = spawnSync('wrk', args, { encoding: 'utf8' })
  if (error !== undefined) throw new Error('wrk is needed: apt-get install wrk')
  if (/Non-2xx|connect [1-9]|read [1-9]|write [1-9]/.test(stdout)) throw new Error(stdout)
  return Math.round(Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]))
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
