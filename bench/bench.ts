/** Crossgate beside its peers: `npm run bench -- --help`. */
import { writeFileSync } from 'node:fs'
import { Contest, type Contestant, type Run, type Sample } from './contest.js'
import { type Options, readOptions } from './options.js'
import { writeReport } from './report.js'
import { judgeStartUps } from './start-up.js'
import { ratioOfBests, summarize } from './summary.js'
import { textTable, verdictTable } from './tables.js'
import { judge, TARGETS } from './targets.js'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const contest = new Contest()
  try {
    const { contestants, absences } = await enterAll(contest, options)
    const runs = runsOf(contestants, options)
    tell(`warming up; then ${options.rounds} rounds of ${runs.length} runs`)
    await contest.warmUp(runs)
    const samples: Sample[] = []
    for await (const sample of contest.rounds(runs, options.rounds, options.seconds)) {
      samples.push(sample)
      if (options.verbose) tell(inWords(sample))
    }
    const rows = summarize(samples)
    const most = samples.filter(({ connections }) => connections === Math.max(...options.connections))
    const verdicts = [
      ...TARGETS.ratios.flatMap(target => judge(target, most, ratioOfBests) ?? []),
      ...(await judgeStartUps(5, TARGETS)),
    ]
    process.stdout.write(`${textTable(rows)}\n${verdictTable(verdicts)}`)
    if (options.json !== undefined) {
      writeFileSync(options.json, JSON.stringify({ rows, verdicts, samples }, undefined, 1))
    }
    if (options.report) {
      const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`
      const { places, awake } = contest
      writeReport({ command, contestants, absences, rows, verdicts, pinned: places !== undefined, awake })
    }
  } finally {
    await contest.close()
  }
  for (const gap of contest.gaps) tell(`not measured: ${gap}`)
  for (const failure of new Set(contest.failures)) tell(`FAILED: ${failure}`)
  if (contest.failures.length > 0) process.exitCode = 1
}

async function enterAll(contest: Contest, { peers, sizes }: Options) {
  const contestants: Contestant[] = []
  const absences: string[] = []
  for (const size of sizes) {
    for (const peer of peers) {
      if (size.name !== 'small' && peer.variant === true) continue
      if (size.asked !== undefined && peer.name !== 'crossgate') continue
      if (size.name === 'large' && peer.tooLarge !== undefined) {
        absences.push(`${peer.title} is not measured with the large policy: ${peer.tooLarge}.`)
        tell(absences.at(-1)!)
        continue
      }
      const contestant = await contest.enter(peer, size)
      if (contestant === undefined) continue
      contestants.push(contestant)
      const { deviations } = contestant.answers
      tell(`${peer.title}, ${size.name} policy: ${deviations.join('; ') || 'does the whole job'}`)
    }
  }
  return { contestants, absences }
}

/** Case by case, so that all peers do the same one soon after each other; few connections for the small policy only. */
function runsOf(contestants: readonly Contestant[], { cases, connections }: Options): readonly Run[] {
  const most = Math.max(...connections)
  return cases.flatMap(each =>
    connections.flatMap(count =>
      contestants
        .filter(({ peer, size }) => count === most || (peer.variant !== true && size.name === 'small'))
        .map(contestant => ({ contestant, case: each, connections: count })),
    ),
  )
}

function inWords({ peer, size, case: name, connections, processorMicros }: Sample): string {
  return `${peer}, ${size} policy, ${name}, ${connections} connections: ${processorMicros.toFixed(1)} us`
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

await main()
