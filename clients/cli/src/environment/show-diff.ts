import { REDACTED } from '@headgate/model'
import type { Output } from '../output/output.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { end } from '../outcome.ts'
import { type DiffLine, type Hunk, diffLines, hunksOf } from './line-diff.ts'
import { maskSealed } from './mask-sealed.ts'

const DEFAULT_CONTEXT = 3
const ANOTHER_SECRET = '[another secret]'

/** One of the texts that are compared. */
export interface DiffSide {
  readonly name: string
  readonly lines: readonly string[]
}

export function sideOf(name: string, text: string): DiffSide {
  return { name, lines: text.replace(/\n$/, '').split('\n') }
}

/** Shows how two texts differ. Lines are compared as they are stored, so a new secret is a change, and shown masked. */
export function answerDiff(output: Output, older: DiffSide, newer: DiffSide, context: number): void {
  const hunks = hunksOf(masked(older.lines, newer.lines), context)
  const sides = { older: older.name, newer: newer.name }
  output.answer({ ...sides, same: hunks.length === 0, hunks: hunks.map((hunk) => hunk.map(documentOf)) }, () =>
    hunks.length === 0 ? `${printable(older.name)} and ${printable(newer.name)} are the same\n` : renderDiff(sides, hunks, output.paint),
  )
}

/** Lines as they are shown. A secret that was replaced would look the same on both sides, so the newer says that it is another. */
function masked(older: readonly string[], newer: readonly string[]): DiffLine[] {
  const before = new Set(older.map(maskSealed))
  return diffLines(older, newer).map((line) => {
    const text = maskSealed(line.text)
    const replaced = line.kind === 'added' && text !== line.text && before.has(text)
    return { ...line, text: replaced ? text.replace(REDACTED, ANOTHER_SECRET) : text }
  })
}

function documentOf({ kind, text, before, after }: DiffLine): object {
  return { kind, text, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function renderDiff({ older, newer }: { older: string; newer: string }, hunks: readonly Hunk[], paint: Paint): string {
  const lines = [paint.bold(`--- ${printable(older)}`), paint.bold(`+++ ${printable(newer)}`)]
  for (const hunk of hunks) {
    lines.push(paint.cyan(hunkHead(hunk)))
    for (const { kind, text } of hunk) {
      const shown = printable(text, 'lines')
      if (kind === 'same') lines.push(` ${shown}`)
      else lines.push(kind === 'added' ? paint.green(`+${shown}`) : paint.red(`-${shown}`))
    }
  }
  return `${lines.join('\n')}\n`
}

/** `@@ -3,4 +3,5 @@`: where the stretch is on each side, as every diff says it. */
function hunkHead(hunk: Hunk): string {
  const stretch = (numbers: number[]) => `${numbers[0] ?? 0},${numbers.length}`
  const before = hunk.flatMap((line) => line.before ?? [])
  const after = hunk.flatMap((line) => line.after ?? [])
  return `@@ -${stretch(before)} +${stretch(after)} @@`
}

/** What --context says. */
export function contextOf(text: string | undefined, command: string): number {
  if (text === undefined) return DEFAULT_CONTEXT
  if (!/^\d{1,6}$/.test(text)) end('USAGE', { reason: `--context takes a number of lines, not ${text}`, command })
  return Number(text)
}
