import type { Operations } from '../gateway/server.js'
import { type Html, html } from '../report/html.js'
import { ago } from './when.js'

/** What is wrong with the gateway as a whole, each a banner that stands on every page while it is so. */
export function alarms(operations: Operations): readonly Html[] {
  return [refusedPolicy(operations), unwrittenRecords(operations)].filter(alarm => alarm !== undefined)
}

function refusedPolicy({ policy }: Operations): Html | undefined {
  const { lastError } = policy.status
  if (lastError === undefined) return undefined
  return html`<div class="banner" role="alert"><strong>The policy on disk is refused; the last good one is in force.</strong>
${ago(lastError.at)}: ${lastError.error ?? ''}. <a href="/reloads">What is wrong with it</a></div>`
}

function unwrittenRecords({ auditTrouble, settings }: Operations): Html | undefined {
  if (auditTrouble === undefined) return undefined
  const { since, code, waiting, dropped } = auditTrouble
  const [meanwhile, remedy] =
    settings.auditOnError === 'deny'
      ? ['every request is refused with 503', 'Requests are served again']
      : ['requests are served all the same', 'What waits is written']
  return html`<div class="banner" role="alert"><strong>Audit records cannot be written: ${meanwhile}.</strong>
It began ${ago(since)} with <code>${code}</code>: ${waiting} waiting in memory, ${dropped} dropped. ${remedy} as soon as there is room in <code>--audit-file</code>, or its reader goes on.</div>`
}
