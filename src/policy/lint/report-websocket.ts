import type { LintRule } from './lint-rule.js'

/** A route in report mode that refuses WebSockets, which whoever chose report mode may not expect. */
export const reportWebsocket: LintRule = {
  code: 'report-websocket',
  severity: 'info',
  title: 'mode: report without websocket: true',
  *check({ policy }) {
    for (const { id, mode, websocket, fields, position } of policy.resolved.routes) {
      // Whoever writes `websocket: false` knows.
      if (mode !== 'report' || websocket || fields.has('websocket')) continue
      yield {
        at: fields.get('mode') ?? position,
        message: `the route \`${id}\` refuses every WebSocket with 403, although it only reports`,
        suggestion:
          'write `websocket: true` if its pages open any, or `websocket: false` to say that none do',
      }
    }
  },
}
