import { type Diagnostic, type Problem, renderDiagnostic } from '@headgate/model'
import type { Sources } from '../outcome.ts'
import { maskPlaintext } from './mask-plaintext.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

/** A problem as a person reads it: code and sentence, the places in their text, and what to do next. */
export function renderProblem(problem: Problem, sources: Sources | undefined, paint: Paint): string {
  const lines = [`${paint.red(problem.code)}  ${printable(problem.message)}`]
  for (const diagnostic of problem.diagnostics ?? []) lines.push(renderDiagnosticPainted(diagnostic, sources, paint))
  if (problem.hint) lines.push(`  ${paint.cyan('try:')} ${printable(problem.hint)}`)
  return `${lines.join('\n')}\n`
}

/** A diagnostic with its place and caret; the line is shown where the text it points into is at hand. */
export function renderDiagnosticPainted(diagnostic: Diagnostic, sources: Sources | undefined, paint: Paint): string {
  const source = diagnostic.range && sources?.[diagnostic.range.file]
  const rendered = renderDiagnostic(diagnostic, source === undefined ? undefined : maskPlaintext(source))
  const [head = '', ...rest] = printable(rendered, 'lines').split('\n')
  const tint = diagnostic.severity === 'error' ? paint.red : paint.yellow
  const start = `${diagnostic.severity} ${diagnostic.code}`
  return [tint(start) + head.slice(start.length), ...rest.map((line) => paintLine(line, tint, paint))].join('\n')
}

function paintLine(line: string, tint: (text: string) => string, paint: Paint): string {
  if (line.startsWith('  try: ')) return `  ${paint.cyan('try:')} ${line.slice('  try: '.length)}`
  if (/^ +\| +\^+$/.test(line)) return tint(line)
  return line.startsWith('  --> ') ? paint.dim(line) : line
}
