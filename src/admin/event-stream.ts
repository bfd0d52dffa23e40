import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Activity } from '../observe/activity.js'

/**
 * Server-sent events that say only that something happened; the page then fetches itself. At most one in
 * QUIET_MILLISECONDS, however many requests come, and a heartbeat that finds dead connections.
 */
export function streamEvents(activity: Activity, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  response.write('retry: 2000\n\n')
  let due: NodeJS.Timeout | undefined
  const stop = activity.listen(() => {
    due ??= setTimeout(() => {
      due = undefined
      // A reader that has stopped reading gets no more.
      if (!response.writableNeedDrain) response.write('event: changed\ndata: {}\n\n')
    }, QUIET_MILLISECONDS).unref()
  })
  const heartbeat = setInterval(() => response.write(': here\n\n'), HEARTBEAT_MILLISECONDS).unref()
  response.once('close', () => {
    stop()
    clearTimeout(due)
    clearInterval(heartbeat)
  })
}

const QUIET_MILLISECONDS = 500
const HEARTBEAT_MILLISECONDS = 15_000
