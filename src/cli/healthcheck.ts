import { get } from 'node:http'
import { Command } from 'commander'

/**
 * `crossgate healthcheck`: asks a running gateway whether it is ready, for places with no curl: an image's HEALTHCHECK,
 * a systemd unit, an exec probe. Exits 0 where it is, 1 where it is not or does not answer, 2 on a bad address.
 */
export function healthcheckCommand(): Command {
  return new Command('healthcheck')
    .description('Ask the admin listener of a running gateway whether it is ready.')
    .option(
      '--admin <HOST:PORT>',
      `the gateway's admin listener (CROSSGATE_ADMIN; default: ${DEFAULT_ADMIN})`,
    )
    .option('--timeout <SECONDS>', 'how long to wait for the answer', '2')
    .option(
      '--live',
      'ask only whether the process serves (/healthz), not whether it wants traffic (/readyz)',
    )
    .addHelpText('after', '\nExample:\n  $ crossgate healthcheck --admin 127.0.0.1:9901')
    .action(async flags => process.exit(await healthcheck(flags)))
}

interface Flags {
  readonly admin?: string
  readonly timeout: string
  readonly live?: boolean
}

async function healthcheck(flags: Flags): Promise<number> {
  const admin = flags.admin ?? process.env['CROSSGATE_ADMIN'] ?? DEFAULT_ADMIN
  const seconds = Number(flags.timeout)
  const target = probeTarget(admin)
  if (target === undefined || !(seconds > 0)) {
    const what =
      target === undefined ? `--admin "${admin}" is not HOST:PORT` : '--timeout is not a number above 0'
    process.stderr.write(`crossgate: ${what}\n`)
    return 2
  }
  const path = flags.live === true ? '/healthz' : '/readyz'
  const answer = await ask(target, path, seconds * 1000)
  process.stdout.write(`${answer.text}\n`)
  return answer.ok ? 0 : 1
}

interface Target {
  readonly host: string
  readonly port: number
}

/** Where to knock for a listener: one on every address is asked over loopback. */
function probeTarget(admin: string): Target | undefined {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(admin) ?? []
  if (port === undefined || Number(port) === 0 || Number(port) > 65535) return undefined
  const host = bracketed ?? plain
  if (host === '' || host === '0.0.0.0') return { host: '127.0.0.1', port: Number(port) }
  return { host: host === '::' ? '::1' : host, port: Number(port) }
}

function ask({ host, port }: Target, path: string, timeout: number): Promise<{ ok: boolean; text: string }> {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return new Promise(resolve => {
    const asked = get({ host, port, path, agent: false, signal: AbortSignal.timeout(timeout) }, response => {
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

const DEFAULT_ADMIN = '127.0.0.1:9901'
