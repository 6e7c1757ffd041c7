/**
 * Everything the command line says goes through here.
 *
 * Standard output carries the answer and nothing else: a text for people, or with `--json` exactly one JSON document
 * (a stream: one a line). Standard error carries what is said about it: notes, warnings, problems, progress. Notes
 * start with a small letter and have no full stop; a problem is its code, the sentence, the place, and `try:`.
 */
import type { Diagnostic, Problem } from '@headgate/model'
import type { Sources } from '../outcome.ts'
import type { World } from '../world.ts'
import { type Paint, paintOf, wantsColour } from './paint.ts'
import { printable } from './printable.ts'
import { renderDiagnosticPainted, renderProblem } from './problem.ts'
import { type Progress, startProgress } from './progress.ts'

export interface Output {
  readonly json: boolean
  /** Columns of the terminal; undefined where the output is none. */
  readonly width: number | undefined
  readonly paint: Paint
  readonly colour: boolean
  /** The command's answer: the document with `--json`, otherwise the text. At most once a command. */
  answer(document: unknown, text: () => string): void
  /** One item of a stream: a JSON line with `--json`, otherwise the text. */
  item(document: unknown, text: () => string): void
  /** A text for people ahead of the answer, for example what a question is about. Nothing with `--json`. */
  plain(text: string): void
  /** Bytes that are the answer whatever the format asked for. */
  raw(text: string): void
  /** A remark beside the answer. */
  note(text: string): void
  warn(text: string): void
  diagnostics(diagnostics: readonly Diagnostic[], sources?: Sources): void
  /** What ended the command. With `--json` it is also the document, unless there was an answer already. */
  problem(problem: Problem, sources?: Sources): void
  /** Says that long work goes on, where somebody watches. */
  progress(what: string): Progress
}

export function createOutput(world: World, { json }: { json: boolean }): Output {
  const { stdout, stderr } = world
  const paint = paintOf(stdout, world.env)
  const errorPaint = paintOf(stderr, world.env)
  const width = stdout.isTTY ? stdout.columns || 80 : undefined
  let answered = false
  const document = (value: unknown) => {
    answered = true
    stdout.write(`${JSON.stringify(value)}\n`)
  }
  return {
    json,
    width,
    paint,
    colour: wantsColour(stdout, world.env),
    answer(value, text) {
      if (answered) throw new Error('a command answers once')
      if (json) return document(value)
      answered = true
      stdout.write(text())
    },
    item(value, text) {
      if (json) return document(value)
      stdout.write(text())
    },
    plain(text) {
      if (!json) stdout.write(text)
    },
    raw(text) {
      answered = true
      stdout.write(stdout.isTTY ? printable(text, 'lines') : text)
    },
    note(text) {
      stderr.write(`${text}\n`)
    },
    warn(text) {
      stderr.write(`${errorPaint.yellow('warning')}  ${text}\n`)
    },
    diagnostics(diagnostics, sources) {
      for (const diagnostic of diagnostics) stderr.write(`${renderDiagnosticPainted(diagnostic, sources, errorPaint)}\n`)
    },
    problem(problem, sources) {
      stderr.write(renderProblem(problem, sources, errorPaint))
      if (json && !answered) document({ problem })
    },
    progress: (what) => startProgress(what, world),
  }
}
