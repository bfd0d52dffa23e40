import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `bench/install-peers.sh` fetched, or else what is on PATH. */
export function installed(program: string, fetched: string): string | undefined {
  const folder = process.env['BENCH_PEERS'] ?? fileURLToPath(new URL('../../peers', import.meta.url))
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map(each => join(each, program))
  return [join(folder, fetched), ...onPath].find(existsSync)
}
