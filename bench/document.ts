import { readFileSync, writeFileSync } from 'node:fs'
import { inCheckout } from './root.js'

/** Puts text between two markers of docs/performance.md, `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export function replaceInDocument(name: string, text: string): void {
  const document = readFileSync(DOCUMENT, 'utf8')
  const begin = `<!-- ${name}:begin -->`
  const end = `<!-- ${name}:end -->`
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} has no ${begin} … ${end}`)
  writeFileSync(DOCUMENT, `${document.slice(0, from)}${begin}\n${text}${document.slice(to)}`)
}

const DOCUMENT = inCheckout('docs/performance.md')
