import { isSpace } from '../dotenv/white-space.ts'
import type { DialectReading } from './dialect.ts'

/** What python-dotenv 1.2 makes of a text, without interpolation. */
export function readPythonDotenv(text: string): DialectReading {
  const reader = new PythonReader(text)
  const values = new Map<string, string | null>()
  while (!reader.atEnd) {
    const binding = reader.binding()
    if (binding) values.set(binding.key, binding.value)
  }
  return { values }
}

/** The same with `${X}` and `${X:-d}` filled in from the file itself; what it does not set is empty. */
export function readPythonDotenvInterpolated(text: string): DialectReading {
  const values = new Map<string, string | null>()
  for (const [key, value] of readPythonDotenv(text).values) values.set(key, value === null ? null : interpolate(value, values))
  return { values }
}

/** The name runs to the first `:` or `}` and the default to the first `}`, so nested defaults leave braces behind. */
function interpolate(value: string, known: ReadonlyMap<string, string | null>): string {
  let result = ''
  let copied = 0
  for (let open = value.indexOf('${'); open !== -1; open = value.indexOf('${', Math.max(open + 1, copied))) {
    const match = variableAt(value, open)
    if (!match) continue
    result += value.slice(copied, open) + (known.has(match.name) ? (known.get(match.name) ?? '') : match.fallback)
    copied = match.end
  }
  return result + value.slice(copied)
}

function variableAt(value: string, open: number): { name: string; fallback: string; end: number } | undefined {
  const close = value.indexOf('}', open)
  if (close === -1) return undefined
  const inside = value.slice(open + 2, close)
  const colon = inside.indexOf(':')
  if (colon === -1) return { name: inside, fallback: '', end: close + 1 }
  if (!inside.startsWith(':-', colon)) return undefined
  return { name: inside.slice(0, colon), fallback: inside.slice(colon + 2), end: close + 1 }
}

/** A cursor that gives up on a line as soon as it is not as expected, like the original. */
class PythonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** The next binding; undefined for a comment, blank space, or a line that it cannot read. */
  binding(): { key: string; value: string | null } | undefined {
    this.#skip(isPythonSpace)
    if (this.atEnd) return undefined
    const binding = this.#keyAndValue()
    if (binding === undefined || !this.#endOfLine()) {
      this.#skip((code) => !endsLine(code))
      this.#lineEnd()
      return undefined
    }
    return binding.key === undefined ? undefined : { key: binding.key, value: binding.value }
  }

  #keyAndValue(): { key: string | undefined; value: string | null } | undefined {
    this.#export()
    const key = this.#key()
    if (key === false) return undefined
    this.#skip(isPythonBlank)
    if (this.#text[this.#at] !== '=') return { key, value: null }
    this.#at++
    this.#skip(isPythonBlank)
    const value = this.#value()
    return value === undefined ? undefined : { key, value }
  }

  #export(): void {
    if (!this.#text.startsWith('export', this.#at)) return
    const behind = this.#at + 6
    if (!isPythonBlank(this.#text.charCodeAt(behind))) return
    this.#at = behind
    this.#skip(isPythonBlank)
  }

  /** undefined before a comment, false where no key can start. */
  #key(): string | undefined | false {
    const first = this.#text[this.#at]
    if (first === '#') return undefined
    if (first === "'") {
      const close = this.#text.indexOf("'", this.#at + 1)
      if (close <= this.#at + 1) return false
      const key = this.#text.slice(this.#at + 1, close)
      this.#at = close + 1
      return key
    }
    const start = this.#at
    this.#skip((code) => code !== 61 && code !== 35 && !isPythonSpace(code))
    return this.#at === start ? false : this.#text.slice(start, this.#at)
  }

  #value(): string | undefined {
    const first = this.#text[this.#at]
    if (first === undefined || first === '\n' || first === '\r') return ''
    if (first === "'" || first === '"') return this.#quoted(first)
    const start = this.#at
    this.#skip((code) => !endsLine(code))
    return withoutComment(this.#text.slice(start, this.#at))
  }

  /** To the first quote without a backslash before it, else to the last one there is. */
  #quoted(mark: "'" | '"'): string | undefined {
    const start = this.#at
    let close = this.#text.indexOf(mark, start + 1)
    let last = -1
    while (close !== -1 && this.#text[close - 1] === '\\') {
      last = close
      close = this.#text.indexOf(mark, close + 1)
    }
    const end = close === -1 ? last : close
    if (end === -1) return undefined
    this.#at = end + 1
    return decodeEscapes(this.#text.slice(start + 1, end), mark)
  }

  #endOfLine(): boolean {
    const start = this.#at
    this.#skip(isPythonBlank)
    if (this.#text[this.#at] === '#') this.#skip((code) => !endsLine(code))
    else this.#at = start
    this.#skip(isPythonBlank)
    return this.atEnd || this.#lineEnd()
  }

  #lineEnd(): boolean {
    if (this.#text.startsWith('\r\n', this.#at)) this.#at += 2
    else if (this.#text[this.#at] === '\n' || this.#text[this.#at] === '\r') this.#at++
    else return false
    return true
  }

  #skip(matches: (code: number) => boolean): void {
    while (this.#at < this.#text.length && matches(this.#text.charCodeAt(this.#at))) this.#at++
  }
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\u{7}', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function decodeEscapes(text: string, mark: "'" | '"'): string {
  if (mark === "'") return text.replace(/\\([\\'])/g, '$1')
  return text.replace(/\\([\\'"abfnrtv])/g, (_, character: string) => ESCAPES[character] ?? character)
}

/** Cuts at the first `#` with white space before it, and trims the end. */
function withoutComment(text: string): string {
  for (let at = text.indexOf('#', 1); at !== -1; at = text.indexOf('#', at + 1)) {
    if (isPythonSpace(text.charCodeAt(at - 1))) return trimEnd(text.slice(0, at))
  }
  return trimEnd(text)
}

function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && isPythonSpace(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

function endsLine(code: number): boolean {
  return code === 10 || code === 13
}

/** Python's white space: JavaScript's without the byte order mark, and with the separators U+001C to U+001F and U+0085. */
function isPythonSpace(code: number): boolean {
  if (code === 0xfeff) return false
  return isSpace(code) || (code >= 0x1c && code <= 0x1f) || code === 0x85
}

function isPythonBlank(code: number): boolean {
  return isPythonSpace(code) && !endsLine(code)
}
