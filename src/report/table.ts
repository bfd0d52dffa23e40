import { columnsOf, escapeControls } from './display-text.js'

/** A table for a terminal: columns as wide as they need be, numbers to the right, the last column left ragged. */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = rows.map(row =>
    row.map(cell => (typeof cell === 'number' ? String(cell) : escapeControls(cell))),
  )
  const widths = heads.map((head, column) =>
    Math.max(columnsOf(head), ...cells.map(row => columnsOf(row[column] ?? ''))),
  )
  const line = (row: readonly string[], numeric: (column: number) => boolean): string =>
    row
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - columnsOf(cell))
        return numeric(column) ? space + cell : column === row.length - 1 ? cell : cell + space
      })
      .join('  ')
      .trimEnd()
  const isNumeric = (column: number): boolean => typeof rows[0]?.[column] === 'number'
  return [line(heads, isNumeric), ...cells.map(row => line(row, isNumeric))].join('\n')
}
