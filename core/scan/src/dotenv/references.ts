import type { DotenvReference } from './dotenv-file.ts'

/**
 * The `${A}`, `${A:-b}` and `$A` of a value, from left to right, outermost only.
 *
 * They are found, never followed: whether an application follows them depends on what reads its file. A `$` behind a
 * backslash is none, because the readers that follow references take it for a plain `$`.
 */
export function findReferences(value: string): DotenvReference[] {
  const found: DotenvReference[] = []
  let at = value.indexOf('$')
  while (at !== -1) {
    const reference = value[at - 1] === '\\' ? undefined : referenceAt(value, at)
    if (reference) found.push(reference)
    at = value.indexOf('$', at + (reference?.text.length ?? 1))
  }
  return found
}

function referenceAt(value: string, index: number): DotenvReference | undefined {
  const braced = value[index + 1] === '{'
  const nameStart = index + (braced ? 2 : 1)
  const nameEnd = braced ? bracedNameEnd(value, nameStart) : nameEndFrom(value, nameStart)
  if (nameEnd === nameStart) return undefined
  const name = value.slice(nameStart, nameEnd)
  if (!braced) return { text: value.slice(index, nameEnd), name, form: 'bare', modifier: '', index }
  const close = closingBrace(value, nameEnd)
  if (close === -1) return undefined
  return { text: value.slice(index, close + 1), name, form: 'braced', modifier: value.slice(nameEnd, close), index }
}

function nameEndFrom(value: string, from: number): number {
  let end = from
  while (end < value.length && /[A-Za-z0-9_]/.test(value.charAt(end))) end++
  return /[0-9]/.test(value[from] ?? '') ? from : end
}

/** Names in braces may hold dots: dotenv takes such names, and `${A.B}` refers to one. */
function bracedNameEnd(value: string, from: number): number {
  let end = nameEndFrom(value, from)
  if (end === from) return end
  while (end < value.length && /[A-Za-z0-9_.]/.test(value.charAt(end))) end++
  return end
}

/** How deep defaults inside defaults are followed to the brace that closes the outermost one. */
const DEEPEST = 32

function closingBrace(value: string, from: number): number {
  let depth = 1
  for (let at = from; at < value.length; at++) {
    if (value[at] === '}' && --depth === 0) return at
    if (value[at] === '{' && value[at - 1] === '$' && ++depth > DEEPEST) return -1
  }
  return -1
}

/** A reference as a message may name it: a default can be a secret, and is left out. */
export function describeReference({ text, name, modifier }: DotenvReference): string {
  return modifier === '' ? text : `\${${name}${/^:?[-=?+]?/.exec(modifier)?.[0] ?? ''}…}`
}

/** Whether the value holds `$(…)`, which a shell would run. */
export function holdsCommand(value: string): boolean {
  const open = value.indexOf('$(')
  return open !== -1 && value[open - 1] !== '\\' && value.indexOf(')', open) !== -1
}
