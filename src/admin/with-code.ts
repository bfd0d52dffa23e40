import { type Html, html } from '../report/html.js'

/** A sentence for a terminal as HTML: what stands in backticks there is set as code. */
export function withCode(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`
}
