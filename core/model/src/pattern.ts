import { RE2JS } from 're2js'
import { type Result, ok, refuse } from './result.ts'

/** A regular expression of the RE2 kind: linear in the text whatever the expression, so users may write it. */
export interface Pattern {
  readonly source: string
  /** Whether the expression occurs anywhere in the text. */
  test(text: string): boolean
  /** Whether the expression describes the whole text, from its first character to its last. */
  matches(text: string): boolean
}

/** Compiles an expression of the RE2 syntax; look-around and back-references are refused, as they are not linear. */
export function compilePattern(source: string): Result<Pattern> {
  try {
    const compiled = RE2JS.compile(source)
    return ok({ source, test: (text) => compiled.matcher(text).find(), matches: (text) => compiled.matches(text) })
  } catch (cause) {
    return refuse('PATTERN_INVALID', { pattern: source, reason: cause instanceof Error ? cause.message : String(cause) })
  }
}

/**
 * Whether a glob on `organisation/project/environment` covers a name of that shape. `*` stands for any run of
 * characters within one segment; nothing else is special. Cost is linear in glob and name together.
 */
export function globMatches(glob: string, name: string): boolean {
  let [globStart, nameStart] = [0, 0]
  // Segment by segment, and without an array of them: every request asks this several times.
  for (;;) {
    const globEnd = glob.indexOf('/', globStart)
    const nameEnd = name.indexOf('/', nameStart)
    const segment = globEnd < 0 ? glob.slice(globStart) : glob.slice(globStart, globEnd)
    if (segment !== '*' && !segmentMatches(segment, nameEnd < 0 ? name.slice(nameStart) : name.slice(nameStart, nameEnd))) return false
    if (globEnd < 0 || nameEnd < 0) return globEnd === nameEnd
    globStart = globEnd + 1
    nameStart = nameEnd + 1
  }
}

/** Whether a glob covers a whole text of any kind; here `*` stands for any run of characters, slashes too. */
export function textMatches(glob: string, text: string): boolean {
  return segmentMatches(glob, text)
}

/** Greedy search for the pieces between the stars: the first must stand at the start, the last at the end, the others in order. */
function segmentMatches(glob: string, name: string): boolean {
  if (!glob.includes('*')) return glob === name
  const pieces = glob.split('*')
  const first = pieces[0] ?? ''
  const last = pieces[pieces.length - 1] ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let from = first.length
  const end = name.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const at = name.indexOf(piece, from)
    if (at < 0 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}

/** Stands for what a star stands for; no glob and no name holds it. */
const ANYTHING = '\u0000'

/** Whether a glob covers every name that another one covers. */
export function globCovers(outer: string, inner: string): boolean {
  // A star of the inner one can be anything, and only a star of the outer one takes a character it does not name.
  return globMatches(outer, inner.replaceAll('*', ANYTHING))
}

/** Whether there is a name that both globs cover. */
export function globsMeet(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')]
  return a.length === b.length && a.every((segment, i) => segmentsMeet(segment, b[i] ?? ''))
}

/** Walks both at once: where one has a star, it takes a character of the other or ends. */
function segmentsMeet(one: string, other: string): boolean {
  let reachable = new Set([0])
  for (let i = 0; i <= one.length; i++) {
    const next = new Set<number>()
    // Inside one row, a star of the other may end without another character.
    for (let j = 0; j <= other.length; j++) {
      if (!reachable.has(j)) continue
      if (other[j] === '*') reachable.add(j + 1)
      if (one[i] === '*' && j < other.length) reachable.add(j + 1)
      if (i === one.length) continue
      if (one[i] === '*' || other[j] === '*') next.add(j)
      if (one[i] === other[j]) next.add(j + 1)
    }
    if (i === one.length) return reachable.has(other.length)
    reachable = next
  }
  return false
}
