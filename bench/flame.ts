/**
 * Where the time of a forwarded request goes: `npm run bench:flame` profiles the gateway under GETs of 100 bytes, writes
 * docs/flame.svg and the shares in docs/performance.md.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { caseNamed } from './cases.js'
import { Contest } from './contest.js'
import { replaceInDocument } from './document.js'
import { flameGraph } from './flame-graph.js'
import { crossgate } from './peers/crossgate.js'
import { SMALL } from './policy-sizes.js'
import { KINDS, kindOf, type Profile, selfTimes } from './profile.js'
import { inCheckout } from './root.js'

const SECONDS = 10

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-flame-'))
  try {
    const profile = await profileGateway(dir)
    writeFileSync(SVG, flameGraph(profile, TITLE))
    const shares = sharesOf(profile)
    process.stdout.write(shares)
    replaceInDocument('flame', `\`npm run bench:flame\`, Node ${process.versions.node}:\n\n${shares}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The profile of the time under load, without the start and what was compiled meanwhile. */
async function profileGateway(dir: string): Promise<Profile> {
  const contest = new Contest()
  let window: readonly [number, number]
  try {
    const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${dir}`, '--cpu-prof-interval=500']
    const contestant = await contest.enter(crossgate({ name: 'crossgate', nodeFlags }), SMALL)
    if (contestant === undefined) throw new Error(contest.failures.join('\n'))
    const runs = [{ contestant, case: caseNamed('get'), connections: 64 }]
    await contest.warmUp(runs)
    const begun = microseconds()
    for await (const { requestsPerSecond } of contest.rounds(runs, 1, SECONDS)) {
      process.stderr.write(`${requestsPerSecond.toFixed(0)} requests per second while profiled\n`)
    }
    window = [begun, microseconds()]
  } finally {
    await contest.close()
  }
  if (contest.failures.length > 0) throw new Error(contest.failures.join('\n'))
  const [file] = readdirSync(dir)
  if (file === undefined) throw new Error('Node wrote no profile')
  return { ...(JSON.parse(readFileSync(join(dir, file), 'utf8')) as Omit<Profile, 'window'>), window }
}

/** Of V8's clock, which is the machine's, the same for every process. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function sharesOf(profile: Profile): string {
  const times = selfTimes(profile)
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  const byKind = new Map<string, number>()
  for (const node of profile.nodes) {
    const kind = kindOf(node.callFrame)
    byKind.set(kind, (byKind.get(kind) ?? 0) + (times.get(node.id) ?? 0))
  }
  const rows = Object.entries(KINDS)
    .map(([kind, { title }]) => ({ title, share: ((byKind.get(kind) ?? 0) / total) * 100 }))
    .filter(({ share }) => share >= 0.1)
    .toSorted((one, other) => other.share - one.share)
  return `| whose code runs | share of the time |\n| --- | ---: |\n${rows
    .map(({ title, share }) => `| ${title} | ${share.toFixed(1)} % |\n`)
    .join('')}`
}

const SVG = inCheckout('docs/flame.svg')
const TITLE = `Crossgate under GETs of 100 bytes, Node ${process.versions.node}; width is processor time`

await main()
