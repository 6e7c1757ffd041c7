import { stripVTControlCharacters } from 'node:util'
import type { Paint } from './paint.ts'

export interface Column<T> {
  readonly title: string
  /** The cell's text, already printable; it may be painted. */
  cell(row: T): string
  readonly align?: 'left' | 'right'
  /** Never cut: what somebody needs to the last character, to copy it or to tell it from another. */
  readonly whole?: true
}

const GAP = '  '

/**
 * Rows under dimmed titles, each column as wide as its widest cell. Where the whole is wider than `width`, the widest
 * column that may be is cut and ends in `…`; without a width (output into a file or pipe) nothing is ever cut.
 */
export function renderTable<T>(rows: readonly T[], columns: readonly Column<T>[], paint: Paint, width?: number): string {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)))
  const widths = columns.map((column, i) => Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[i] ?? ''))))
  if (width !== undefined) fit(widths, columns, width)
  const titles = columns.map((column, i) => paint.dim(pad(column.title, widths[i] ?? 0, column.align)))
  const lines = cells.map((line) => line.map((cell, i) => pad(cut(cell, widths[i] ?? 0), widths[i] ?? 0, columns[i]?.align)))
  return [titles, ...lines].map((line) => `${line.join(GAP).trimEnd()}\n`).join('')
}

/** Columns a text takes; a code point counts as one. */
export function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length
}

function fit(widths: number[], columns: readonly Column<never>[], width: number): void {
  const NARROWEST = 8
  for (;;) {
    const over = widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - width
    const cuttable = widths.map((each, i) => (columns[i]?.whole ? 0 : each))
    const current = Math.max(...cuttable)
    const widest = cuttable.indexOf(current)
    if (over <= 0 || current <= NARROWEST) return
    // Down to the next widest at most, so that the loss is spread over the wide columns.
    const next = Math.max(NARROWEST, ...cuttable.filter((each) => each < current))
    widths[widest] = Math.max(next, current - over, NARROWEST)
    if (widths[widest] === current) widths[widest] = current - 1
  }
}

function cut(cell: string, width: number): string {
  if (widthOf(cell) <= width) return cell
  const plain = Array.from(stripVTControlCharacters(cell))
  return `${plain.slice(0, width - 1).join('')}…`
}

function pad(cell: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return align === 'right' ? space + cell : cell + space
}
