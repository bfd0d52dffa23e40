/** Crossgate beside its peers: `npm run bench -- --help`. */
import { writeFileSync } from 'node:fs'
import { Contest, type Sample } from './contest.js'
import { readOptions } from './options.js'
import { summarize } from './summary.js'
import { textTable } from './tables.js'

const options = readOptions(process.argv.slice(2))
const contest = new Contest()
const tell = (line: string) => process.stderr.write(`${line}\n`)
try {
  await contest.open(options.peers, options.sizes, tell)
  for (const absence of contest.absences) tell(absence)
  for (const { peer, size, answers } of contest.contestants) {
    for (const deviation of answers.deviations) tell(`${peer.name} (${size.name}) ${deviation}`)
  }
  await contest.warmUp(options, tell)
  const samples: Sample[] = []
  for await (const sample of contest.rounds(options)) {
    samples.push(sample)
    if (options.verbose)
      tell(
        `${sample.peer} ${sample.size} ${sample.case} ${sample.connections}: ${sample.processorMicros.toFixed(1)} us`,
      )
  }
  const summary = summarize(samples)
  process.stdout.write(textTable(summary))
  if (options.json !== undefined)
    writeFileSync(options.json, JSON.stringify({ summary, samples }, undefined, 1))
} finally {
  await contest.close()
}
