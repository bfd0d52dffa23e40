import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load, Measurement } from './measurement.js'
import { family } from './process-tree.js'
import { pinned } from './processors.js'
import { inCheckout } from './root.js'

/** On one thread. Undefined where it hardly ran. */
export async function runWrk(load: Load): Promise<Measurement | undefined> {
  const script = join(load.dir, 'load.lua')
  writeFileSync(script, lua(load))
  const command = pinned(load.processor, [
    'wrk',
    '--threads=1',
    `--connections=${load.connections}`,
    `--duration=${load.seconds}s`,
    '--timeout=10s',
    `--script=${script}`,
    `http://127.0.0.1:${load.port}`,
  ])
  const output = await new Promise<string>((resolve, reject) => {
    execFile(command[0]!, command.slice(1), (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`wrk failed: ${stderr}${stdout}`))
      else resolve(stdout)
    })
  })
  const line = /^RESULT (.*)$/m.exec(output)?.[1]
  if (line === undefined) throw new Error(`wrk told nothing:\n${output}`)
  const told = JSON.parse(line) as Told
  if (told.seconds < load.seconds * LEAST_SHARE) return undefined
  return {
    processorMicros: told.nanoseconds / 1000 / told.requests,
    requestsPerSecond: told.requests / told.seconds,
    p50: told.p50 / 1000,
    p99: told.p99 / 1000,
    refused: told.refused,
    answers: told.answers,
    errors: told.errors,
  }
}

interface Told {
  /** Of the proxy's processor time, between the first look and the last. */
  readonly nanoseconds: number
  /** Sent between the two looks; as every connection has one under way at both, as many were answered. */
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  readonly answers: number
  readonly refused: number
  readonly errors: number
}

function lua({ requests, pid, seconds }: Load): string {
  const table = requests.map(
    ({ method, path, headers, body }) =>
      `{ ${quoted(method)}, ${quoted(path)}, { ${Object.entries(headers)
        .map(([name, value]) => `[${quoted(name)}] = ${quoted(value)}`)
        .join(', ')} }, ${body} },`,
  )
  return `local REQUESTS = {
${table.join('\n')}
}
local SECONDS = ${seconds}
local PROCESSES = { ${family(pid).join(', ')} }
${SCRIPT}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Of the time, that must lie between the two looks. */
const LEAST_SHARE = 0.5
const SCRIPT = readFileSync(inCheckout('bench/wrk.lua'), 'utf8')
