import { get } from 'node:http'
import { Command, InvalidArgumentError } from 'commander'
import { type Address, addressOrOff, addressText } from '../setting-values.js'
import { SETTINGS } from '../settings.js'
import { settingOf } from './given/given-settings.js'
import { complain } from './terminal/complain.js'

/**
 * `crossgate healthcheck`: asks a running gateway whether it is ready, for places with no curl: an image's HEALTHCHECK,
 * a systemd unit, an exec probe. Exits 0 where it is, 1 where it is not or does not answer, 2 on a bad address.
 */
export function healthcheckCommand(): Command {
  return new Command('healthcheck')
    .description('Ask the admin listener of a running gateway whether it is ready.')
    .option(
      '--admin <HOST:PORT>',
      `the gateway's admin listener (CROSSGATE_ADMIN; default: the settings file's, or ${DEFAULT_ADMIN})`,
    )
    .option('--settings <FILE>', "the gateway's settings file (CROSSGATE_SETTINGS)")
    .option('--timeout <SECONDS>', 'how long to wait for the answer', seconds, 2)
    .option(
      '--live',
      'ask only whether the process serves (/healthz), not whether it wants traffic (/readyz)',
    )
    .addHelpText('after', '\nExample:\n  $ crossgate healthcheck --admin 127.0.0.1:9901')
    .action(async flags => {
      process.exitCode = await healthcheck(flags)
    })
}

interface Flags {
  readonly admin?: string
  readonly settings?: string
  readonly timeout: number
  readonly live?: boolean
}

async function healthcheck(flags: Flags): Promise<number> {
  const admin = await settingOf('admin', flags.admin, flags.settings)
  if (admin === undefined) return 2
  let target: Address
  try {
    target = probeTarget(admin.text ?? '')
  } catch (error) {
    complain(`${admin.source}: ${(error as Error).message}`)
    return 2
  }
  const path = flags.live === true ? '/healthz' : '/readyz'
  const answer = await ask(target, path, Math.ceil(flags.timeout * 1000))
  process.stdout.write(`${answer.text}\n`)
  return answer.ok ? 0 : 1
}

/** Where to knock for a listener: one on every address is asked over loopback. */
function probeTarget(admin: string): Address {
  const listener = addressOrOff(admin)
  if (listener === undefined) throw new Error('it is off: the gateway has no admin listener to ask')
  const { host, port } = listener
  if (port === 0) throw new Error(`"${admin}" is whatever port is free: say the one that the gateway has`)
  return { host: LOOPBACK.get(host) ?? host, port }
}

function seconds(text: string): number {
  const number = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number > 0 && number <= 600))
    throw new InvalidArgumentError('Write a number of seconds above 0, 600 at most.')
  return number
}

function ask(target: Address, path: string, timeout: number): Promise<{ ok: boolean; text: string }> {
  const where = addressText(target)
  return new Promise(resolve => {
    const asked = get({ ...target, path, agent: false, signal: AbortSignal.timeout(timeout) }, response => {
      response.resume()
      const ok = response.statusCode === 200
      resolve({ ok, text: `${ok ? 'ready' : 'not ready'}: ${where}${path} answered ${response.statusCode}` })
    })
    asked.on('error', error => {
      const why = error.name === 'AbortError' ? `no answer in ${timeout / 1000} s` : error.message
      resolve({ ok: false, text: `not ready: ${where}${path}: ${why}` })
    })
  })
}

const DEFAULT_ADMIN = SETTINGS.find(({ key }) => key === 'admin')?.fallback

const LOOPBACK: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])
