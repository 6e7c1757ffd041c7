/** The rule by which keys become paths, shared by documents, diagnostics and properties. */
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A path with one more key: `.key` where the key is a plain name, else `["key"]`; an empty key adds nothing. */
export function joinKey(path: string, key: string): string {
  if (key === '') return path
  if (!PLAIN_KEY.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`
  return path === '' ? key : `${path}.${key}`
}

export type PathPart = string | number

/** The path of some keys and indices. */
export function joinPath(parts: readonly PathPart[]): string {
  let path = ''
  for (const part of parts) path = typeof part === 'number' ? `${path}[${part}]` : joinKey(path, part)
  return path
}

/**
 * The keys and indices of a path such as `a.b["c d"][0]`; bare names run to the next `.` or `[`, and `\"` is the only
 * escape. Returns what is wrong instead, as words that follow "the path is".
 */
export function parsePath(path: string): PathPart[] | { readonly reason: string } {
  const parts: PathPart[] = []
  let at = 0
  while (at < path.length) {
    if (path[at] === '[') {
      const subscript = parseSubscript(path, at)
      if ('reason' in subscript) return subscript
      parts.push(subscript.part)
      at = subscript.end
      continue
    }
    if (path[at] === '.') {
      if (at === 0) return { reason: 'it begins with a dot' }
      at++
      if (path[at] === '[') continue
    } else if (at > 0) return { reason: `character ${at + 1} follows a bracket without a dot` }
    const from = at
    while (at < path.length && path[at] !== '.' && path[at] !== '[') at++
    if (at === from) return { reason: `a name is missing at character ${from + 1}` }
    parts.push(path.slice(from, at))
  }
  return parts.length === 0 ? { reason: 'it is empty' } : parts
}

function parseSubscript(path: string, open: number): { part: PathPart; end: number } | { readonly reason: string } {
  if (path[open + 1] !== '"') {
    const close = path.indexOf(']', open)
    const digits = path.slice(open + 1, close < 0 ? path.length : close)
    if (close < 0) return { reason: `the bracket at character ${open + 1} is not closed` }
    if (!/^[0-9]{1,9}$/.test(digits)) return { reason: `\`${digits}\` in brackets is neither a number nor a quoted name` }
    return { part: Number(digits), end: close + 1 }
  }
  let key = ''
  for (let at = open + 2; at < path.length; at++) {
    const character = path.charAt(at)
    if (character === '"') {
      if (path[at + 1] !== ']') return { reason: `the bracket at character ${open + 1} is not closed` }
      return { part: key, end: at + 2 }
    }
    if (character === '\\' && path[at + 1] === '"') at++
    key += path.charAt(at)
  }
  return { reason: `the quote at character ${open + 2} is not closed` }
}
