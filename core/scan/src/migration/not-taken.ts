import { Secret, describeError } from '@headgate/model'
import type { Classification } from '../classify/classification.ts'
import { classify } from '../classify/classify.ts'
import type { DotenvAssignment, DotenvBrokenLine, DotenvFile } from '../dotenv/dotenv-file.ts'
import type { PlannedEntry, Refusal } from './migration-plan.ts'
import { valueRefusal } from './take-assignment.ts'

/** An assignment that stays behind, and why. */
export function notTakenEntry(file: string, item: DotenvAssignment, classification: Classification, refusal: Refusal): PlannedEntry {
  return {
    file,
    line: item.line,
    range: item.range,
    key: item.name,
    outcome: 'not-taken',
    cause: refusal.cause,
    placeholder: classification.placeholder,
    reasons: [{ rule: refusal.cause, text: refusal.text }, ...classification.reasons],
    value: new Secret(item.value),
    confidential: classification.secret || valueRefusal(item) !== undefined || item.value.includes('\n'),
    links: [],
  }
}

/** A line that sets nothing. It gets a key of its own, so that no line is lost without a word. */
export function brokenLineEntry(file: string, item: DotenvBrokenLine): PlannedEntry {
  return {
    file,
    line: item.line,
    range: item.range,
    key: `@line:${item.line}`,
    outcome: 'not-taken',
    cause: 'broken-line',
    placeholder: false,
    reasons: [{ rule: 'broken-line', text: describeError('DOTENV_LINE_BROKEN', { line: item.line }).message }],
    value: new Secret(item.text),
    confidential: true,
    links: [],
  }
}

/** What an assignment was found to be; without the file around it where that was not asked. */
export function classificationOf(
  assignment: DotenvAssignment,
  classifications: ReadonlyMap<DotenvAssignment, Classification>,
): Classification {
  return classifications.get(assignment) ?? classify(assignment.name, assignment.value)
}

/** The lines of a file that no environment is made of. */
export function leftOutEntries(
  file: DotenvFile,
  classifications: ReadonlyMap<DotenvAssignment, Classification>,
  reason: string,
): PlannedEntry[] {
  const refusal: Refusal = { cause: 'file-left-out', text: `the file is left out: ${reason}` }
  return file.items.flatMap((item) => {
    if (item.kind === 'broken') return [brokenLineEntry(file.name, item)]
    return item.kind === 'assignment' ? [notTakenEntry(file.name, item, classificationOf(item, classifications), refusal)] : []
  })
}
