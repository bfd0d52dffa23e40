/** Markdown whose parts come from people's files: nothing in a cell becomes a link, a tag or another cell. */

/** A table. Cells are Markdown already: see `code` and `plain`. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, headings.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return lines.join('\n')
}

/** `text` as inline code, in as many backticks as it takes. */
export function code(text: string): string {
  const flat = text.replace(/\s/g, ' ').replaceAll('|', '\\|')
  const longest = Math.max(0, ...Array.from(flat.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${flat}${pad}${fence}`
}

/** `text` as it reads, with nothing in it that Markdown would act on. */
export function plain(text: string): string {
  return text.replace(/\s/g, ' ').replace(/[\\`*_{}[\]<>#|~!@]/g, '\\$&')
}
