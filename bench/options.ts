import { parseArgs } from 'node:util'
import { CASES, type Case, caseNamed } from './cases.js'
import type { Peer } from './peer.js'
import { installedPeers } from './peers.js'
import { LARGE, type PolicySize, SMALL } from './policy-sizes.js'

export interface Options {
  readonly peers: readonly Peer[]
  readonly cases: readonly Case[]
  readonly sizes: readonly PolicySize[]
  readonly connections: readonly number[]
  readonly rounds: number
  readonly seconds: number
  readonly json: string | undefined
  readonly verbose: boolean
}

const HELP = `Usage: npm run bench -- [options]

  --cases LIST        ${CASES.map(each => each.name).join(', ')}
  --peers LIST        crossgate is always there
  --policies LIST     small (1 route, 3 origins), large (1,000 routes, 100,000 origins)
  --connections LIST  1,256
  --rounds N          3
  --seconds N         whole seconds for each measurement: 1
  --json FILE         writes every figure
  --verbose           tells every measurement
`

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string' },
      peers: { type: 'string' },
      policies: { type: 'string', default: 'small,large' },
      connections: { type: 'string', default: '1,256' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '1' },
      json: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const peers = installedPeers(values.peers?.split(','))
  return {
    peers,
    cases: values.cases?.split(',').map(caseNamed) ?? CASES,
    sizes: [SMALL, LARGE].filter(({ name }) => values.policies.split(',').includes(name)),
    connections: values.connections.split(',').map(Number),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    json: values.json,
    verbose: values.verbose,
  }
}
