/** Crossgate beside its peers: `npm run bench -- --help`. */
import { writeFileSync } from 'node:fs'
import { Contest, type Contestant, type Run, type Sample } from './contest.js'
import { type Options, readOptions } from './options.js'
import { summarize } from './summary.js'
import { textTable } from './tables.js'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const contest = new Contest()
  try {
    const contestants = await enterAll(contest, options)
    const runs = runsOf(contestants, options)
    tell(`warming up; then ${options.rounds} rounds of ${runs.length} runs`)
    await contest.warmUp(runs)
    const samples: Sample[] = []
    for await (const sample of contest.rounds(runs, options.rounds, options.seconds)) {
      samples.push(sample)
      if (options.verbose) tell(inWords(sample))
    }
    const summary = summarize(samples)
    process.stdout.write(textTable(summary))
    if (options.json !== undefined) {
      writeFileSync(options.json, JSON.stringify({ summary, samples }, undefined, 1))
    }
  } finally {
    await contest.close()
  }
  for (const failure of contest.failures) tell(`FAILED: ${failure}`)
  if (contest.failures.length > 0) process.exitCode = 1
}

async function enterAll(contest: Contest, { peers, sizes }: Options): Promise<readonly Contestant[]> {
  const contestants: Contestant[] = []
  for (const size of sizes) {
    for (const peer of peers) {
      if (size.name === 'large' && peer.variant === true) continue
      if (size.name === 'large' && peer.tooLarge !== undefined) {
        tell(`${peer.name} without the large policy: ${peer.tooLarge}`)
        continue
      }
      const contestant = await contest.enter(peer, size)
      if (contestant === undefined) continue
      contestants.push(contestant)
      const { deviations } = contestant.answers
      tell(`${peer.title}, ${size.name} policy: ${deviations.join('; ') || 'does the whole job'}`)
    }
  }
  return contestants
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
