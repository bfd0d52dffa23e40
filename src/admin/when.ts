import { type Html, html } from '../report/html.js'

/** `12 s ago` or `just now`, with the exact time for who points at it. */
export function ago(at: number, now = Date.now()): Html {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}" title="${iso}">${distance(Math.max(0, now - at))}</time>`
}

/** `14:05 UTC`, as in the log. */
export function clockUtc(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

function distance(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds === 0) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} d ago`
}
