/** What `npm test` prints: a line for each file as it ends, failures in full, then what was left out, and the count. */
import { relative } from 'node:path'
import { stripVTControlCharacters, styleText } from 'node:util'
import type { FileOutcome } from './file-process.ts'

/** The end of a file's output is where it says what went wrong; a program that talks for ever is cut to it. */
const OUTPUT_SHOWN = 8000

export function reportFile(repository: string, outcome: FileOutcome): void {
  const { passed, failed, leftOut } = outcome
  const word =
    failed.length > 0 ? styleText('red', 'failed') : passed.length > 0 ? styleText('green', 'ok    ') : styleText('yellow', 'left  ')
  const counts = [
    `${passed.length} passed`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(leftOut.length > 0 ? [`${leftOut.length} left out`] : []),
  ]
  const name = relative(repository, outcome.file)
  console.log(`${word} ${name.padEnd(64)} ${counts.join(', ')}  ${seconds(outcome.milliseconds)}`)
  if (failed.length > 0) console.log(describeFailures(name, outcome))
}

function describeFailures(name: string, { file, failed, output }: FileOutcome): string {
  const parts = failed.map(({ name: test, line, error }) => {
    const title = test === file ? 'the file itself' : test
    const place = line === undefined ? name : `${name}:${line}`
    return `\n  ${styleText('bold', title)}\n  ${place}\n${indent(error, '    ')}\n`
  })
  const said = stripVTControlCharacters(output).trim()
  if (said !== '')
    parts.push(`\n  its output${said.length > OUTPUT_SHOWN ? ' (the end)' : ''}:\n${indent(said.slice(-OUTPUT_SHOWN), '    ')}\n`)
  return parts.join('')
}

export function reportRun(repository: string, outcomes: readonly FileOutcome[], filters: readonly string[]): void {
  if (outcomes.length === 0) console.log(`no test file's path holds ${filters.map((filter) => `"${filter}"`).join(' or ')}`)
  reportSlowest(repository, outcomes)
  reportFailedAgain(repository, outcomes)
  for (const line of leftOutLines(outcomes)) console.log(line)
  console.log(lastLine(outcomes))
}

function reportSlowest(repository: string, outcomes: readonly FileOutcome[]): void {
  if (outcomes.length < 6) return
  const slowest = outcomes.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 5)
  console.log('\nslowest files')
  for (const { file, milliseconds } of slowest) console.log(`  ${seconds(milliseconds).padStart(8)}  ${relative(repository, file)}`)
}

/** The names once more at the end: in a long run the failures themselves have scrolled away. */
function reportFailedAgain(repository: string, outcomes: readonly FileOutcome[]): void {
  const failed = outcomes.flatMap((outcome) => outcome.failed.map((test) => ({ ...test, file: outcome.file })))
  if (failed.length === 0) return
  console.log('\nfailed')
  for (const { file, line, name } of failed) {
    const place = relative(repository, file) + (line === undefined ? '' : `:${line}`)
    console.log(`  ${place}${name === file ? '' : `  ${name}`}`)
  }
}

/** `N left out: reason`, the most frequent reason first, each with the tests it concerns. */
export function leftOutLines(outcomes: readonly FileOutcome[]): string[] {
  const byReason = Map.groupBy(
    outcomes.flatMap(({ leftOut }) => leftOut),
    ({ reason }) => reason,
  )
  if (byReason.size === 0) return []
  const lines = [...byReason]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, tests]) => `${tests.length} left out: ${reason} (${namesOf(tests)})`)
  return ['', ...lines]
}

function namesOf(tests: readonly { name: string }[]): string {
  const shown = tests.slice(0, 3).map(({ name }) => name)
  return tests.length > shown.length ? `${shown.join('; ')}; …` : shown.join('; ')
}

export function lastLine(outcomes: readonly FileOutcome[]): string {
  const total = (of: 'passed' | 'failed') => outcomes.reduce((sum, outcome) => sum + outcome[of].length, 0)
  return `${total('passed')} passed, ${total('failed')} failed`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

function indent(text: string, by: string): string {
  return text.replace(/^/gm, by)
}
