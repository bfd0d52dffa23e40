import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GatewayChild, startGatewayChild } from './gateway-child.js'
import { freePort } from './listen.js'
import { type Page, type PageSurroundings, startPage } from './pages.js'
import { DEFAULT_PORTS, type DemoPorts, HOST, movePorts } from './ports.js'
import { projectRoot } from './project-root.js'
import { type SampleApi, startSampleApi } from './sample-api.js'

export interface DemoOptions {
  readonly ports?: DemoPorts
  /** Gets each line of the gateway's audit log; without it they go to stdout. */
  readonly onAuditLine?: (line: string) => void
}

export interface Demo {
  readonly gateway: GatewayChild
  readonly api: SampleApi
  readonly allowedPage: Page
  readonly foreignPage: Page
  /** The file the gateway runs with: config/policy.yaml, or a copy with other ports. */
  readonly policy: string
  close(): Promise<void>
}

/** Starts the sample API, the two pages and, last, the gateway. What has started is stopped again if a later one fails. */
export async function startDemo({ ports = DEFAULT_PORTS, onAuditLine }: DemoOptions = {}): Promise<Demo> {
  const stops: (() => unknown)[] = []
  // Last in, first out: the gateway leaves before what it stands in front of.
  const close = async () => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop()
  }
  try {
    const gatewayPort = await freePort(HOST, ports.gateway, 'the gateway')
    const adminPort = await freePort(HOST, ports.admin, 'the console')
    const gatewayUrl = `http://${HOST}:${gatewayPort}`

    const api = await startSampleApi({ host: HOST, port: ports.api })
    stops.push(api.close)
    const around = (other: () => Page) => (): PageSurroundings => ({
      gatewayUrl,
      apiUrl: api.url,
      otherUrl: other().url,
      requests: api.requests,
    })
    const allowedPage: Page = await startPage(
      'allowed',
      ports.allowedPage,
      around(() => foreignPage),
    )
    stops.push(allowedPage.close)
    const foreignPage: Page = await startPage(
      'foreign',
      ports.foreignPage,
      around(() => allowedPage),
    )
    stops.push(foreignPage.close)

    const inUse: DemoPorts = {
      gateway: gatewayPort,
      admin: adminPort,
      api: portOf(api),
      allowedPage: portOf(allowedPage),
      foreignPage: portOf(foreignPage),
    }
    const policy = policyFor(inUse, stops)
    const gateway = await startGatewayChild({ port: gatewayPort, adminPort, policy, onAuditLine })
    stops.push(gateway.stop)
    return { gateway, api, allowedPage, foreignPage, policy, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The shipped policy as it is for the default ports; otherwise a copy that says the ports in use. */
function policyFor(ports: DemoPorts, stops: (() => unknown)[]): string {
  const shipped = join(projectRoot(), 'config/policy.yaml')
  const text = readFileSync(shipped, 'utf8')
  const moved = movePorts(text, ports)
  if (moved === text) return shipped
  const folder = mkdtempSync(join(tmpdir(), 'crossgate-demo-'))
  stops.push(() => rmSync(folder, { recursive: true, force: true }))
  const copy = join(folder, 'policy.yaml')
  writeFileSync(copy, moved)
  return copy
}

function portOf({ url }: { url: string }): number {
  return Number(new URL(url).port)
}
