/** Tables of figures, for a terminal and for docs/benchmarks.md. */
import { styleText } from 'node:util'
import type { BenchRow, BenchTable } from '../../bench/table.ts'

const headings = ['', 'value', 'unit', 'compared to', 'ratio', 'target', '']

export function terminalTable({ title, rows, notes = [] }: BenchTable): string {
  const cells = [headings, ...rows.map((row) => cellsOf(row))]
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => (column === 1 || column === 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  return [styleText('bold', title), ...lines.map((line) => `  ${line}`), ...notes.map((note) => `  ${note}`), ''].join('\n')
}

export function markdownTable({ title, rows, notes = [] }: BenchTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    `### ${title}`,
    '',
    line(headings),
    '| --- | ---: | --- | --- | ---: | --- | --- |',
    ...rows.map((row) => line(cellsOf(row))),
    '',
    ...notes.map((note) => `- ${note}`),
    ...(notes.length > 0 ? [''] : []),
  ].join('\n')
}

function cellsOf({ name, value, unit, comparedTo = '', ratio, target = '', met }: BenchRow): string[] {
  return [
    name,
    figure(value),
    unit,
    comparedTo,
    ratio === undefined ? '' : `${figure(ratio)} ×`,
    target,
    met === undefined ? '' : met ? 'met' : 'missed',
  ]
}

/** Three significant figures: no measurement here is worth more. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const rounded = Number(value.toPrecision(3))
  return Math.abs(rounded) >= 1000 ? rounded.toLocaleString('en-GB') : String(rounded)
}
