import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { inCheckout } from '../root.js'

/** What `bench/install-peers.sh` fetched, or else what is on PATH. */
export function installed(program: string, path: string): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map(each => join(each, program))
  return [join(FOLDER, path), ...onPath].find(existsSync)
}

/** What of that name `bench/install-peers.sh` fetched. */
export function fetched(name: RegExp): readonly string[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter(each => name.test(each))
    .map(each => join(FOLDER, each))
}

const FOLDER = process.env['BENCH_PEERS'] ?? inCheckout('build/peers')
