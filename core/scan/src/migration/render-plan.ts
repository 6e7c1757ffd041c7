import { renderDiagnostic } from '@headgate/model'
import { planMistakes } from './can-apply.ts'
import { maskSecret, previewPlain, printable } from './mask.ts'
import type { MigrationPlan, PlannedEntry, PlannedEnvironment } from './migration-plan.ts'

export interface RenderPlanOptions {
  readonly color?: boolean
  /** Columns of the terminal; 100 by default. Nothing is wrapped, long cells are cut. */
  readonly width?: number
}

const DEFAULT_WIDTH = 100
const NARROWEST = 60

/** A plan as a terminal shows it: a table for each environment and each file left out, and a line that adds it up. */
export function renderPlan(plan: MigrationPlan, options: RenderPlanOptions = {}): string {
  const page: Page = { color: options.color === true, width: Math.max(NARROWEST, options.width ?? DEFAULT_WIDTH) }
  const parts = plan.environments.map((environment) => renderEnvironment(environment, page))
  for (const { file, reason, entries } of plan.leftOut) {
    parts.push([`${bold(printable(file), page)} is left out: ${reason}`, ...renderEntries(entries, page)].join('\n'))
  }
  const mistakes = planMistakes(plan)
  if (mistakes.length > 0) parts.push(mistakes.map((mistake) => renderDiagnostic(mistake)).join('\n'))
  return `${[...parts, renderSummary(plan)].join('\n\n')}\n`
}

interface Page {
  readonly color: boolean
  readonly width: number
}

function renderEnvironment(environment: PlannedEnvironment, page: Page): string {
  const from = environment.sources.map(printable).join(', ')
  const head = `${bold(`${environment.project}/${environment.environment}`, page)} from ${from} (${describeChange(environment.change)})`
  const kept = environment.kept.map(({ key, secret, value }) => ({
    key,
    becomes: secret ? 'secret' : 'plain',
    preview: secret ? maskSecret(value.reveal()) : previewPlain(value.reveal()),
    why: 'there before, and stays',
    tone: 'dim' as const,
  }))
  return [head, ...renderRows([...environment.entries.map(rowOf), ...kept], page)].join('\n')
}

function describeChange(change: PlannedEnvironment['change']): string {
  if (change === 'new') return 'new'
  return change === 'same' ? 'nothing changes' : 'changes'
}

interface Row {
  readonly key: string
  readonly becomes: string
  readonly preview: string
  readonly why: string
  readonly tone: 'plain' | 'green' | 'yellow' | 'red' | 'dim'
}

function renderEntries(entries: readonly PlannedEntry[], page: Page): string[] {
  return renderRows(entries.map(rowOf), page)
}

function rowOf(entry: PlannedEntry): Row {
  const value = entry.value.reveal()
  const taken = entry.outcome !== 'not-taken'
  const placeholder = entry.placeholder ? ' (placeholder)' : ''
  return {
    key: entry.key,
    becomes: taken ? `${entry.outcome}${placeholder}` : `not taken${entry.cause === 'placeholder' ? placeholder : ''}`,
    preview: entry.confidential ? maskSecret(value) : previewPlain(value),
    why: [...(entry.change === 'same' ? ['as it is'] : []), ...entry.reasons.map(({ text }) => text)].join('; '),
    tone: toneOf(entry),
  }
}

function toneOf(entry: PlannedEntry): Row['tone'] {
  if (entry.outcome === 'not-taken') return entry.cause === 'file-left-out' || entry.cause === 'overridden' ? 'dim' : 'red'
  if (entry.placeholder) return 'yellow'
  return entry.outcome === 'secret' ? 'green' : 'plain'
}

const GAP = '  '
const LONGEST_KEY = 40
const LONGEST_PREVIEW = 32

function renderRows(rows: readonly Row[], page: Page): string[] {
  const widthOf = (cells: string[], limit: number) => cells.reduce((widest, cell) => Math.max(widest, Math.min(limit, columns(cell))), 0)
  const key = widthOf(
    rows.map((row) => row.key),
    LONGEST_KEY,
  )
  const becomes = widthOf(
    rows.map((row) => row.becomes),
    LONGEST_KEY,
  )
  const preview = widthOf(
    rows.map((row) => row.preview),
    LONGEST_PREVIEW,
  )
  const rest = Math.max(0, page.width - key - becomes - preview - GAP.length * 4)
  return rows.map((row) => {
    const cells = [fit(printable(row.key), key), fit(row.becomes, becomes), fit(row.preview, preview)]
    const line = `${GAP}${cells.join(GAP)}${GAP}${cut(printable(row.why), rest)}`.trimEnd()
    return paint(line, row.tone, page)
  })
}

function renderSummary({ summary, sources }: MigrationPlan): string {
  const files = counted(sources.length, 'file')
  const blocked = summary.blocked > 0 ? ` (${summary.blocked} of them not taken)` : ''
  return [
    `${files} into ${counted(summary.environments, 'environment')}: ${summary.taken} taken`,
    counted(summary.secrets, 'secret'),
    `${counted(summary.placeholders, 'placeholder')}${blocked}`,
    `${summary.notTaken} not taken`,
    ...(summary.kept > 0 ? [`${summary.kept} kept`] : []),
  ].join(', ')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function columns(text: string): number {
  return Array.from(text.slice(0, LONGEST_CELL)).length
}

/** Nothing wider is ever shown, so nothing longer need be counted. */
const LONGEST_CELL = 1000

function fit(text: string, width: number): string {
  const shown = cut(text, width)
  return shown + ' '.repeat(width - columns(shown))
}

function cut(text: string, width: number): string {
  const characters = Array.from(text.slice(0, LONGEST_CELL))
  if (characters.length <= width) return text
  return width < 2 ? '' : `${characters.slice(0, width - 1).join('')}…`
}

const TONES: Readonly<Record<Row['tone'], string>> = { plain: '', green: '32', yellow: '33', red: '31', dim: '2' }

function paint(text: string, tone: Row['tone'], page: Page): string {
  const code = TONES[tone]
  return page.color && code ? `\u{1b}[${code}m${text}\u{1b}[0m` : text
}

function bold(text: string, page: Page): string {
  return page.color ? `\u{1b}[1m${text}\u{1b}[0m` : text
}
