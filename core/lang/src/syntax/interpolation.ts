import type { Diagnostic, Range } from '@headgate/model'
import { diagnosticAt } from '../diagnostics.ts'
import { fromBytes, isAscii, toBytes } from '../yaml/bytes.ts'
import { CellTable } from '../yaml/display-width.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { Accessor, Part } from './expression.ts'

/** Texts in which every character takes one byte and one cell, so that a column is an offset. */
const SIMPLE = /^[\x20-\x7e]*$/

/**
 * The parts of a string: literal text and `${…}` references. `$$` stands for one `$`.
 *
 * Scanning is by byte (specification 1.4), so offsets are byte offsets and a name ends before a byte 0x85 or 0xA0 even
 * inside a character. Mistakes are reported and reading goes on behind them.
 */
export function parseInterpolation(node: YamlNode, diagnostics: Diagnostic[]): Part[] {
  const text = node.text
  if (!text.includes('$')) return text === '' ? [] : [{ text }]
  const ascii = isAscii(text)
  return new InterpolationParser(node, ascii ? text : byteString(text), ascii, diagnostics).parse()
}

/** One UTF-16 unit for each byte. */
function byteString(text: string): string {
  return Array.from(toBytes(text), (byte) => String.fromCharCode(byte)).join('')
}

class InterpolationParser {
  readonly #node: YamlNode
  readonly #text: string
  readonly #ascii: boolean
  readonly #diagnostics: Diagnostic[]
  readonly #places: ScalarPlaces | undefined
  #at = 0

  constructor(node: YamlNode, text: string, ascii: boolean, diagnostics: Diagnostic[]) {
    this.#node = node
    this.#places = node.hasInnerPlaces ? new ScalarPlaces(node) : undefined
    this.#text = text
    this.#ascii = ascii
    this.#diagnostics = diagnostics
  }

  parse(): Part[] {
    const parts: Part[] = []
    let literal = ''
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('$', this.#at)
      const stop = next < 0 ? this.#text.length : next
      literal += this.#text.slice(this.#at, stop)
      this.#at = stop
      if (next < 0) break
      const behind = this.#text[next + 1]
      this.#at += behind === '$' || behind === '{' ? 2 : 1
      if (behind === '{') {
        const access = this.#access()
        parts.push({ text: this.#decode(literal), access })
        literal = ''
      } else literal += '$'
    }
    if (literal !== '') parts.push({ text: this.#decode(literal) })
    // A list that grew has room for more than it holds, and documents have many.
    return parts.slice()
  }

  #decode(bytes: string): string {
    return this.#ascii ? bytes : fromBytes(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
  }

  #access(): Accessor[] {
    const accessors: Accessor[] = []
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined || isSpace(character)) {
        this.#error(this.#at, "missing closing brace '}' in interpolation")
        return this.#finish(accessors, this.#at)
      }
      if (character === '}') return this.#finish(accessors, this.#at++)
      if (character === '.') accessors.push(this.#name(this.#at++))
      else if (character === '[') accessors.push(this.#subscript(this.#at++, accessors.length === 0))
      else accessors.push(this.#name(this.#at))
    }
  }

  /** A reference without any step has one with an empty name. */
  #finish(accessors: Accessor[], start: number): Accessor[] {
    if (accessors.length === 0) accessors.push(this.#step('', start))
    return accessors.slice()
  }

  #name(start: number): Accessor {
    const from = this.#at
    while (this.#at < this.#text.length && !endsName(this.#text[this.#at] as string)) this.#at++
    if (this.#at === from) this.#error(start, 'property name must not be empty')
    return this.#step(this.#decode(this.#text.slice(from, this.#at)), start)
  }

  #subscript(start: number, first: boolean): Accessor {
    if (this.#at >= this.#text.length) {
      this.#error(start, "subscript is missing closing bracket ']'")
      return this.#step('', start)
    }
    const from = this.#at
    const key = this.#text[from] === '"' ? this.#quotedKey(start) : this.#index(start, first)
    const digits = typeof key === 'number' && !Number.isSafeInteger(key) ? BigInt(this.#text.slice(from, this.#at)).toString() : undefined
    if (this.#text[this.#at] === ']') this.#at++
    else this.#error(start, "subscript is missing closing bracket ']'")
    return this.#step(key, start, digits)
  }

  #quotedKey(start: number): string {
    let key = ''
    this.#at++
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined) {
        this.#error(start + 1, "key subscript is missing closing quote '\"'")
        return this.#decode(key)
      }
      this.#at++
      if (character === '"') {
        if (key === '') this.#error(start + 1, 'key subscript must not be empty')
        return this.#decode(key)
      }
      if (character === '\\' && this.#text[this.#at] === '"') {
        this.#at++
        key += '"'
      } else key += character
    }
  }

  #index(start: number, first: boolean): string | number {
    const from = this.#at
    while (this.#at < this.#text.length && this.#text[this.#at] !== ']' && !endsName(this.#text[this.#at] as string)) this.#at++
    const digits = this.#text.slice(from, this.#at)
    if (!isIndex(digits)) {
      this.#error(start + 1, 'numeric subscript must be a positive base-10 integer')
      return this.#decode(digits)
    }
    if (first) this.#error(start, 'the first accessor must be a property name or key subscript, not a numeric subscript')
    return Number(digits)
  }

  /** A step that ends here. */
  #step(key: string | number, start: number, digits?: string): Accessor {
    return new Step(key, digits, this.#places, start, this.#at)
  }

  #error(start: number, message: string): void {
    this.#diagnostics.push(diagnosticAt('LANG_REFERENCE_SYNTAX', message, this.#node, 'error', this.#range(start, this.#at)))
  }

  #range(start: number, end: number): Range | undefined {
    return rangeIn(this.#places, start, end)
  }
}

/** A step as it was read. Its range is made when it is looked at: most never are. */
class Step implements Accessor {
  readonly key: string | number
  readonly digits: string | undefined
  readonly #places: ScalarPlaces | undefined
  readonly #start: number
  readonly #end: number

  constructor(key: string | number, digits: string | undefined, places: ScalarPlaces | undefined, start: number, end: number) {
    this.key = key
    this.digits = digits
    this.#places = places
    this.#start = start
    this.#end = end
  }

  get range(): Range | undefined {
    return rangeIn(this.#places, this.#start, this.#end)
  }
}

function rangeIn(places: ScalarPlaces | undefined, start: number, end: number): Range | undefined {
  return places && { file: places.node.source.name, begin: places.position(start), end: places.position(end) }
}

/** The places inside a plain scalar, by their byte offsets in it. */
class ScalarPlaces {
  readonly node: YamlNode
  /** Undefined where every character takes one byte and one cell; worked out when it is first asked for. */
  #cells: CellTable | undefined | 'unknown' = 'unknown'

  constructor(node: YamlNode) {
    this.node = node
  }

  position(offset: number): Range['begin'] {
    const { begin } = this.node.range
    if (this.#cells === 'unknown') this.#cells = SIMPLE.test(this.node.text) ? undefined : new CellTable(this.node.text)
    return { line: begin.line, column: begin.column + (this.#cells?.cellsBefore(offset) ?? offset), byte: begin.byte + offset }
  }
}

function endsName(byte: string): boolean {
  return byte === '.' || byte === '[' || byte === '}' || isSpace(byte)
}

function isSpace(byte: string): boolean {
  const code = byte.charCodeAt(0)
  return code === 32 || (code >= 9 && code <= 13) || code === 0x85 || code === 0xa0
}

/** A signed decimal integer of 64 bits. */
function isIndex(digits: string): boolean {
  if (!/^[-+]?0*[0-9]{1,19}$/.test(digits)) return false
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
  return value >= -(2n ** 63n) && value < 2n ** 63n
}
