import type { AddressInfo, Server } from 'node:net'
import type { Settings } from '../settings.js'
import { createGateway } from './app.js'
import { type DrainTimes, drain } from './listener/drain.js'
import { listenFailure } from './listener/listen-failure.js'
import { LoadShedder } from './listener/load-shedder.js'
import type { ServingParts } from './open-parts.js'
import { createRecorder, type RecorderParts } from './request/recorder.js'

/** What serves requests in one process, alone or as one of several. */
export interface DataPlane {
  /** @returns where it serves. @throws Error with one sentence. */
  listen(): Promise<string>
  /** Drains. */
  stop(times: DrainTimes): Promise<void>
}

export interface DataPlaneParts extends Pick<ServingParts, 'live' | 'log' | 'recurring' | 'secured'> {
  readonly records: Omit<RecorderParts, 'onError'>
}

/** Makes it, without opening the port. @throws Error with one sentence. */
export async function openDataPlane(
  settings: Settings,
  { live, log, recurring, records, secured }: DataPlaneParts,
): Promise<DataPlane> {
  const recorder = createRecorder({ ...records, onError: settings.auditOnError })
  const load = new LoadShedder(settings)
  const app = await createGateway({ settings, live, recorder, log, recurring, load, ...secured })
  app.server.once('close', () => load.close())
  return {
    async listen() {
      const { host, port } = settings.listen
      try {
        await app.listen({ host, port })
      } catch (error) {
        throw new Error(listenFailure(settings.listen, error, '--listen'))
      }
      return urlOf(app.server, secured.keyPair === undefined ? 'http' : 'https')
    },
    stop: times => drain(app, times),
  }
}

/** Where a server that listens is reached. */
export function urlOf(server: Server, scheme: 'http' | 'https'): string {
  const { address, family, port } = server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
