import type { Server } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'

/** A port that something else holds: the one failure of the demo that its user can mend. */
export class PortTakenError extends Error {
  constructor(
    readonly port: number,
    readonly wantedFor: string,
  ) {
    super(`port ${port} is taken`)
  }
}

/** Starts listening and resolves to the server's URL; `wantedFor` names the server where the port is taken. */
export async function listen(server: Server, host: string, port: number, wantedFor: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(isTaken(error) ? new PortTakenError(port, wantedFor) : error))
    server.listen(port, host, resolve)
  })
  return `http://${host}:${(server.address() as AddressInfo).port}`
}

/** Stops at once: a browser's idle keep-alive connections would otherwise hold the process for seconds. */
export function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/**
 * The port itself where it is free, any free port for 0. For a child process that has to be told its port: without
 * asking first, "something accepts connections there" could be somebody else's server.
 */
export function freePort(host: string, port: number, wantedFor: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', error => reject(isTaken(error) ? new PortTakenError(port, wantedFor) : error))
    probe.listen(port, host, () => {
      const free = (probe.address() as AddressInfo).port
      probe.close(() => resolve(free))
    })
  })
}

/** True when something accepts connections there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    const answer = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.setTimeout(1000, () => answer(false))
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}

function isTaken(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EADDRINUSE'
}
