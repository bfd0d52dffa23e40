import { parseArgs } from 'node:util'
import { CASES, type Case, caseNamed } from './cases.js'
import type { Peer } from './peer.js'
import { installedPeers } from './peers.js'
import { type PolicySize, SIZES } from './policy-sizes.js'

export interface Options {
  readonly peers: readonly Peer[]
  readonly cases: readonly Case[]
  readonly sizes: readonly PolicySize[]
  readonly connections: readonly number[]
  readonly rounds: number
  /** Whole ones: wrk knows no others. */
  readonly seconds: number
  /** A file; undefined: none. */
  readonly json: string | undefined
  /** Whether the tables of docs/performance.md are written. */
  readonly report: boolean
  readonly verbose: boolean
}

const HELP = `Usage: npm run bench -- [options]

Puts Crossgate and the peers that are installed under load, one after the other in rounds, and prints processor time
per request, rate, latency and memory. bench/install-peers.sh fetches the peers. About 20 minutes.

  --quick             4 cases, the small policy, 256 connections, 2 rounds: about 3 minutes
  --cases LIST        of ${CASES.map(each => each.name).join(', ')}
  --peers LIST        of fastify, express, nginx, haproxy, envoy, caddy, crossgate/all (records allowed requests too, beyond the
                      default of serve), bare (no proxy: Node's HTTP server, which answers from memory); crossgate itself
                      is always there
  --node PATHS        runs Crossgate with these Nodes too
  --policies LIST     of small (1 route, 3 origins), large (1,000 routes, 100,000 origins),
                      large-same (that, sent the requests of small; Crossgate alone)
  --connections LIST  [1,256]; all but the most for the small policy only
  --rounds N          [3]
  --seconds N         of load for each measurement [1]
  --json FILE         writes every measurement
  --report            writes the tables of docs/performance.md
  --verbose           tells every measurement as it is made
`

/** @throws Error for what there is not. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      cases: { type: 'string' },
      peers: { type: 'string' },
      node: { type: 'string' },
      policies: { type: 'string' },
      connections: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '1' },
      json: { type: 'string' },
      report: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const chosen = { ...(values.quick ? QUICK : FULL), ...values }
  const peers = installedPeers(values.peers?.split(','), values.node?.split(',') ?? [])
  return {
    peers:
      values.quick && values.peers === undefined ? peers.filter(({ variant }) => variant !== true) : peers,
    cases: chosen.cases.split(',').map(caseNamed),
    sizes: chosen.policies.split(',').map(sizeNamed),
    connections: chosen.connections.split(',').map(wholeNumber),
    rounds: wholeNumber(chosen.rounds),
    seconds: wholeNumber(chosen.seconds),
    json: values.json,
    report: values.report,
    verbose: values.verbose,
  }
}

function sizeNamed(name: string): PolicySize {
  const found = SIZES.find(each => each.name === name)
  if (found === undefined)
    throw new Error(`no policy ${name}: there are ${SIZES.map(each => each.name).join(', ')}`)
  return found
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${text} is no whole number`)
  return Number(text)
}

const FULL = {
  cases: CASES.map(each => each.name).join(','),
  policies: 'small,large,large-same',
  connections: '1,256',
  rounds: '3',
}
const QUICK = {
  cases: 'get,get-64k,preflight,get-denied',
  policies: 'small',
  connections: '256',
  rounds: '2',
}
