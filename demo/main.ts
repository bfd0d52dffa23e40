import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { GatewayExitedError } from './gateway-child.js'
import { PortTakenError } from './listen.js'
import { DEFAULT_PORTS, type DemoPorts, portsFrom } from './ports.js'
import { type Demo, startDemo } from './start-demo.js'
import { welcome } from './welcome.js'

/** `npm start`: the gateway in front of a misconfigured API, and two pages that show the difference. */
async function main(): Promise<number> {
  const ports = readPorts()
  if (ports === undefined) {
    process.stderr.write('usage: npm start -- [--port-base N]   N from 1 to 65524; 8080 if absent\n')
    return 2
  }
  const signalled = new Promise<'signal'>(resolve => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve('signal'))
  })
  let demo: Demo
  try {
    demo = await startDemo({ ports })
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return error instanceof GatewayExitedError ? error.code || 1 : 1
  }
  process.stdout.write(welcome(demo))

  let end = await Promise.race([signalled, demo.gateway.exited])
  // Ctrl-C reaches the gateway at the same moment as us; that it ended then is no accident.
  if (end !== 'signal') end = await Promise.race([signalled, sleep(200, end)])
  await demo.close()
  if (end === 'signal') return 0
  process.stderr.write(`The gateway stopped by itself, with exit code ${end}; so the demo stops too.\n`)
  return end
}

function readPorts(): DemoPorts | undefined {
  try {
    const { values } = parseArgs({ options: { 'port-base': { type: 'string' } } })
    const base = values['port-base'] ?? String(DEFAULT_PORTS.gateway)
    const ports = portsFrom(Number(base))
    return /^\d+$/.test(base) && ports.gateway > 0 && ports.foreignPage <= 65_535 ? ports : undefined
  } catch {
    return undefined
  }
}

function explain(error: unknown): string {
  if (error instanceof PortTakenError) {
    return `Port ${error.port}, wanted for ${error.wantedFor}, is taken: stop what uses it (lsof -i :${error.port}) or choose other ports with: npm start -- --port-base 18080`
  }
  if (error instanceof GatewayExitedError) {
    return `The gateway stopped before it was ready, with exit code ${error.code}; its own words stand above.`
  }
  return `The demo could not start: ${error instanceof Error ? error.message : String(error)}`
}

process.exit(await main())
