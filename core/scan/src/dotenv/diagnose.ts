import { type Diagnostic, type ErrorCode, type Range, type Severity, describeError } from '@headgate/model'
import type { DotenvAssignment, DotenvBrokenLine, DotenvFile } from './dotenv-file.ts'
import { matchAssignment } from './match-assignment.ts'
import { describeReference } from './references.ts'
import { lineEndFrom, skipSpace } from './white-space.ts'

/** Everything doubtful about a file, in the order of its lines. No message holds a value. */
export function diagnoseFile(file: Omit<DotenvFile, 'diagnostics'>, damaged: boolean): Diagnostic[] {
  const found: Diagnostic[] = []
  const first = file.items[0]?.range
  if (file.bom) found.push(dotenvDiagnostic('warning', 'DOTENV_BOM', {}, first))
  if (file.lineEnding === 'cr' || file.lineEnding === 'crlf' || file.lineEnding === 'mixed') {
    found.push(dotenvDiagnostic('warning', 'DOTENV_CARRIAGE_RETURN', {}, first))
  }
  const lastOf = new Map(file.assignments.map((assignment) => [assignment.name, assignment]))
  for (const item of file.items) {
    if (item.kind === 'broken') found.push(diagnoseBrokenLine(item))
    if (item.kind === 'assignment') found.push(...diagnoseAssignment(item, lastOf.get(item.name) ?? item, damaged))
  }
  return found
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Whether an environment variable of this name can be set everywhere. */
export function isPortableName(name: string): boolean {
  return NAME.test(name)
}

function diagnoseAssignment(item: DotenvAssignment, last: DotenvAssignment, damaged: boolean): Diagnostic[] {
  const { name, nameRange, valueRange } = item
  const found: Diagnostic[] = []
  const report = (severity: Severity, code: ErrorCode, range: Range, details: Record<string, string | number> = {}) =>
    found.push(dotenvDiagnostic(severity, code, { name, ...details }, range))
  if (!isPortableName(name)) report('error', 'DOTENV_NAME_REJECTED', nameRange)
  if (isRefusedExport(item)) report('error', 'DOTENV_EXPORT_SPACED', nameRange)
  if (nameRange.end.line !== valueRange.begin.line) report('warning', 'DOTENV_SPREAD', nameRange)
  if (item.unterminated) report('error', 'DOTENV_QUOTE_OPEN', valueRange)
  else if (continuesBehindQuote(item)) report('warning', 'DOTENV_QUOTE_BEHIND', valueRange)
  if (item.cutByHash) report('warning', 'DOTENV_HASH', valueRange)
  const swallowed = assignmentsInside(item)
  if (swallowed.length > 0) report('warning', 'DOTENV_SWALLOWED', valueRange, { swallowed: swallowed.join(', ') })
  if (item.quote === 'backtick') report('warning', 'DOTENV_BACKTICKS', valueRange)
  if (item.value.includes('\0')) report('error', 'DOTENV_NUL', valueRange)
  if (damaged && (item.value.includes('\u{fffd}') || name.includes('\u{fffd}'))) report('error', 'DOTENV_NOT_UTF8', valueRange)
  if (item.value.startsWith('encrypted:')) report('error', 'DOTENV_ENCRYPTED', valueRange)
  if (item.command) report('warning', 'DOTENV_COMMAND', valueRange)
  else if (item.references.length > 0) report('warning', 'DOTENV_REFERENCE', valueRange, { references: referenceList(item) })
  if (last !== item) report('warning', 'DOTENV_DUPLICATE', nameRange, { line: last.line })
  return found
}

function diagnoseBrokenLine(item: DotenvBrokenLine): Diagnostic {
  return dotenvDiagnostic('error', 'DOTENV_LINE_BROKEN', { line: item.line }, item.range)
}

/** A diagnostic in the catalogue's words. */
export function dotenvDiagnostic(
  severity: Severity,
  code: ErrorCode,
  details: Readonly<Record<string, string | number>>,
  range?: Range,
): Diagnostic {
  const { message, hint } = describeError(code, details)
  return { severity, code, message, ...(range ? { range } : {}), ...(hint ? { hint } : {}) }
}

/** `export NAME = value`: npm dotenv reads it, a shell takes the `=` for a second name. */
export function isRefusedExport(item: DotenvAssignment): boolean {
  if (!item.exported || item.separator !== '=') return false
  const name = item.raw.indexOf(item.name, item.raw.indexOf('export') + 6)
  return item.raw[name + item.name.length] !== '='
}

/** `"a" b` and `'it's'`: closed, and then more. */
function continuesBehindQuote(item: DotenvAssignment): boolean {
  return item.quote === 'none' && /^["'`]/.test(item.rawValue)
}

function referenceList(item: DotenvAssignment): string {
  return [...new Set(item.references.map(describeReference))].join(', ')
}

/** Names of what look like assignments inside a value: on the later lines of a quoted one, or where a bare one begins a line. */
export function assignmentsInside(item: DotenvAssignment): string[] {
  const text = item.rawValue
  const names: string[] = []
  const startsLine = item.quote === 'none' && item.nameRange.end.line !== item.valueRange.begin.line
  if (!startsLine && (item.quote === 'none' || !text.includes('\n'))) return names
  for (let at = startsLine ? 0 : lineEndFrom(text, 0) + 1; at < text.length; at = lineEndFrom(text, at) + 1) {
    const name = assignmentNameAt(text.slice(at, lineEndFrom(text, at)))
    if (name) names.push(name)
  }
  return names
}

/** Base64 ends in `=` too, so it must look like a name, in capitals, with a value that is more than that. */
function assignmentNameAt(line: string): string | undefined {
  const match = matchAssignment(line, skipSpace(line, 0))
  if (!match || match.separator !== '=') return undefined
  const name = line.slice(match.nameStart, match.nameEnd)
  return /^[A-Z_][A-Z0-9_]{0,63}$/.test(name) && !/^=*$/.test(line.slice(match.valueStart).trim()) ? name : undefined
}
