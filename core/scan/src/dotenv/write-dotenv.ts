import type { Diagnostic } from '@headgate/model'
import type { Dialect } from '../dialects/dialect.ts'
import { readAs } from '../dialects/read-as.ts'
import { dotenvDiagnostic, isPortableName } from './diagnose.ts'
import type { DotenvAssignment, DotenvItem } from './dotenv-file.ts'
import { readDotenv } from './read-dotenv.ts'

/** A variable to be written. */
export interface DotenvEntry {
  readonly name: string
  readonly value: string
  /** Lines above it, without their `#`. */
  readonly comments?: readonly string[]
  readonly exported?: boolean
  /** The text it was read from. It is written again as it was if it still reads as this name and value. */
  readonly raw?: string
}

/** A piece of a file that was read, or a variable. */
export type DotenvPart = DotenvEntry | DotenvItem

export interface WriteDotenvOptions {
  /** The readers that must get every value back; by default all whose quoting can be told apart from the value. */
  readonly readers?: readonly Dialect[]
}

export interface WrittenDotenv {
  readonly text: string
  /** What could not be written so that every reader agrees, and is not in the text: an error each. */
  readonly diagnostics: readonly Diagnostic[]
}

/** `docker --env-file` knows no quotes, so it and the others agree on simple values only; ask for it by name. */
const DEFAULT_READERS: readonly Dialect[] = ['dotenv', 'python-dotenv', 'python-dotenv-interpolated', 'bash']

/**
 * Writes variables so that every reader gets back exactly these values.
 *
 * A value is written in the plainest form that all the readers agree on. Where there is none the variable is left out
 * with an error that names the readers in the way: a shell that meets what it takes for an open quote or a command
 * loses the rest of the file too. Parts that were read and not changed are written as they were, byte for byte.
 */
export function writeDotenv(parts: readonly DotenvPart[], options: WriteDotenvOptions = {}): WrittenDotenv {
  const unchanged = joinUnchanged(parts)
  if (unchanged !== undefined) return { text: unchanged, diagnostics: [] }
  const readers = options.readers ?? DEFAULT_READERS
  const diagnostics: Diagnostic[] = []
  const pieces: string[] = []
  const expected = new Map<string, string>()
  const add = (piece: string) => pieces.push(startLine(pieces), piece)
  for (const part of parts) {
    const raw = usableRaw(part)
    if (raw !== undefined || ('kind' in part && part.kind !== 'assignment')) {
      add(raw ?? '')
      if ('value' in part && raw !== undefined && (!('kind' in part) || part.kind === 'assignment')) expected.set(part.name, part.value)
      continue
    }
    const written = writeEntry(part, readers)
    if (written.diagnostic) diagnostics.push(written.diagnostic)
    if (written.line === undefined) continue
    add(comments(part) + written.line)
    expected.set(part.name, part.value)
  }
  const text = pieces.join('')
  return { text, diagnostics: [...diagnostics, ...takenIn(text, expected)] }
}

/** The text of parts that were all read and not changed: together they still read as what they were. */
function joinUnchanged(parts: readonly DotenvPart[]): string | undefined {
  if (!parts.every((part) => 'kind' in part)) return undefined
  const text = parts.map((part) => part.raw).join('')
  const now = readDotenv(text).assignments
  const before = parts.filter((part) => part.kind === 'assignment')
  const same = now.length === before.length && now.every(({ name, value }, at) => before[at]?.name === name && before[at].value === value)
  return same ? text : undefined
}

/** The text a part was read from, where it still says what the part says. */
function usableRaw(part: DotenvPart): string | undefined {
  if ('kind' in part && part.kind !== 'assignment') return part.raw
  return part.raw !== undefined && readsAs(part.raw, part.name, part.value) ? part.raw : undefined
}

function writeEntry(entry: DotenvEntry | DotenvAssignment, readers: readonly Dialect[]): { line?: string; diagnostic?: Diagnostic } {
  const { name, value } = entry
  const impossible = impossibleBecause(name, value)
  if (impossible) return { diagnostic: unwritable(name, 'any reader', impossible) }
  const behind = 'inlineComment' in entry && entry.inlineComment && !entry.cutByHash ? ` # ${entry.inlineComment}` : ''
  let failing = readers
  for (const form of forms(value)) {
    const line = `${entry.exported ? 'export ' : ''}${name}=${form}${behind}\n`
    const against = readers.filter((reader) => !agrees(line, name, value, reader))
    if (against.length === 0) return { line }
    if (against.length < failing.length) failing = against
  }
  return { diagnostic: unwritable(name, failing.join(', '), 'no kind of quotes means the same to all that must read it') }
}

function impossibleBecause(name: string, value: string): string | undefined {
  if (!isPortableName(name)) return 'its name is not one that can be set everywhere'
  if (value.includes('\0')) return 'no environment variable holds a NUL character'
  return value.isWellFormed() ? undefined : 'it is not text'
}

/** The ways to write a value, the plainest first. */
function* forms(value: string): Generator<string> {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) yield value
  if (!value.includes("'")) yield `'${value}'`
  if (!value.includes('"')) yield `"${value}"`
  const escaped = value.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
  if (escaped !== value && !value.includes('"')) yield `"${escaped}"`
  if (!value.includes('`')) yield `\`${value}\``
  if (!/[\r\n]/.test(value)) yield value
}

/** Whether npm dotenv reads the text as this one variable, whatever stands on the next lines. */
function readsAs(text: string, name: string, value: string): boolean {
  return agrees(text, name, value, 'dotenv')
}

/** A quote of each kind behind it shows whether the line keeps to itself. */
const NEIGHBOURS = `A_1='a'\nA_2="b"\nA_3=\`c\`\n`

function agrees(text: string, name: string, value: string, reader: Dialect): boolean {
  const neighbours = reader === 'dotenv' ? NEIGHBOURS : NEIGHBOURS.slice(0, NEIGHBOURS.indexOf('A_3'))
  const { values } = readAs(text + (text.endsWith('\n') || text.endsWith('\r') ? '' : '\n') + neighbours, reader)
  const own = new Set([name, 'A_1', 'A_2', 'A_3'])
  return (
    values.get(name) === value &&
    (name === 'A_1' || values.has('A_1')) &&
    (name === 'A_2' || values.has('A_2')) &&
    [...values.keys()].every((key) => own.has(key))
  )
}

/** Each part reads well alone; an open quote in one that was kept as it was can still take in what follows. */
function takenIn(text: string, expected: ReadonlyMap<string, string>): Diagnostic[] {
  const { values } = readAs(text, 'dotenv')
  return [...expected]
    .filter(([name, value]) => values.get(name) !== value)
    .map(([name]) => unwritable(name, 'npm dotenv', 'a quote that is left open elsewhere takes it in'))
}

/** The line end that is missing before another line can be added. */
function startLine(pieces: readonly string[]): string {
  return /(?:^|[\r\n\u{2028}\u{2029}])$/u.test(pieces.at(-1)?.slice(-1) ?? '') ? '' : '\n'
}

function comments(entry: DotenvPart): string {
  if ('kind' in entry || !('comments' in entry)) return ''
  return (entry.comments ?? []).map((line) => `# ${line.replace(/[\r\n\u{2028}\u{2029}]+/gu, ' ')}\n`).join('')
}

function unwritable(name: string, readers: string, reason: string): Diagnostic {
  return dotenvDiagnostic('error', 'DOTENV_UNWRITABLE', { name, readers, reason })
}
