import type { Difference } from './deviation-rules.ts'
import type { FileVerdict } from './judge-file.ts'

/** A verdict as a person reads it: one line for a file that passed, every difference for one that failed. */
export function renderVerdict(verdict: FileVerdict): string {
  const rules = [...verdict.byRule].map(([rule, count]) => `${count} by the rule ${rule}`).join(', ')
  const counted = `${verdict.variables} variable${verdict.variables === 1 ? '' : 's'}${rules ? `, ${rules}` : ''}`
  const head = `${verdict.passed ? 'ok  ' : 'FAIL'} ${verdict.file} (${counted})`
  return [head, ...verdict.problems.map((problem) => `     ${problem}`), ...verdict.unexplained.flatMap(renderDifference)].join('\n')
}

function renderDifference({ name, expected, actual, line }: Difference): string[] {
  return [
    `     ${name}${line === undefined ? '' : ` (line ${line})`}`,
    `       npm dotenv  ${show(expected)}`,
    `       headgate    ${show(actual)}`,
  ]
}

const LONGEST = 300

function show(value: string | undefined): string {
  if (value === undefined) return 'no such variable'
  const quoted = JSON.stringify(value)
  return quoted.length > LONGEST ? `${quoted.slice(0, LONGEST)}… (${value.length} characters)` : quoted
}
