/** Where the demo listens, always on 127.0.0.1. Port 0 takes any free one. */
export interface DemoPorts {
  readonly gateway: number
  /** The gateway's admin listener, with the console. */
  readonly admin: number
  readonly api: number
  readonly allowedPage: number
  readonly foreignPage: number
}

export const HOST = '127.0.0.1'

/** The ports that config/policy.yaml and the README name. */
export const DEFAULT_PORTS: DemoPorts = {
  gateway: 8080,
  admin: 8089,
  api: 8081,
  allowedPage: 8090,
  foreignPage: 8091,
}

export const ANY_PORTS: DemoPorts = { gateway: 0, admin: 0, api: 0, allowedPage: 0, foreignPage: 0 }

/** The same five, the same distances apart, from another base: 18080 gives 18080, 18081, 18089, 18090 and 18091. */
export function portsFrom(base: number): DemoPorts {
  const shift = base - DEFAULT_PORTS.gateway
  return {
    gateway: base,
    admin: DEFAULT_PORTS.admin + shift,
    api: DEFAULT_PORTS.api + shift,
    allowedPage: DEFAULT_PORTS.allowedPage + shift,
    foreignPage: DEFAULT_PORTS.foreignPage + shift,
  }
}

/** The policy's text with the demo's default ports replaced by those in use, wherever they stand behind the host. */
export function movePorts(policy: string, ports: DemoPorts): string {
  // One pass, so that a new port that equals another's default is not moved a second time.
  return policy.replace(/127\.0\.0\.1:(\d+)/g, (whole, port: string) => {
    const name = NAMES.find(name => DEFAULT_PORTS[name] === Number(port))
    return name === undefined ? whole : `${HOST}:${ports[name]}`
  })
}

const NAMES = ['gateway', 'api', 'allowedPage', 'foreignPage'] as const
