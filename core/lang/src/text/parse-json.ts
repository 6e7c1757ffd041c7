import { NESTING_LIMIT } from '../limits.ts'
import type { Json } from './json.ts'
import { NumberText } from './number-text.ts'
import { toBytes } from '../yaml/bytes.ts'

/** A text that is no JSON; the message is the reference's own. */
export class JsonFault extends Error {}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/**
 * The first JSON value of a text, numbers kept as written. What follows the value is not looked at; of repeated keys
 * the last one counts.
 *
 * @throws {JsonFault} only
 */
export function parseJson(text: string): Json {
  return new JsonParser(text).parse()
}

class JsonParser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Json {
    this.#blanks()
    if (this.#at >= this.#text.length) throw new JsonFault('EOF')
    return this.#value('looking for beginning of value')
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.#at++
    }
  }

  /** The character here, or the end-of-text fault. */
  #next(): string {
    const character = this.#text[this.#at]
    if (character === undefined) throw new JsonFault('unexpected EOF')
    return character
  }

  #unexpected(context: string): never {
    this.#next()
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number)
    throw new JsonFault(`invalid character ${quoteCharacter(character)} ${context}`)
  }

  #value(context: string): Json {
    const character = this.#next()
    switch (character) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        if (character === '-' || (character >= '0' && character <= '9')) return this.#number()
        return this.#unexpected(context)
    }
  }

  #word<T extends Json>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      this.#at++
      if (this.#text[this.#at] !== word[i]) this.#unexpected(`in literal ${word} (expecting ${quoteCharacter(word[i] as string)})`)
    }
    this.#at++
    return value
  }

  #number(): NumberText {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (!match) {
      this.#at++
      return this.#unexpected('in numeric literal')
    }
    this.#at += match[0].length
    const behind = this.#text[this.#at]
    const next = this.#text[this.#at + 1]
    const integer = !match[0].includes('.') && !/[eE]/.test(match[0])
    // A dot or an exponent that goes nowhere is a broken number, not the end of a good one.
    if (behind === '.' && integer) this.#broken(1, 'after decimal point in numeric literal')
    if ((behind === 'e' || behind === 'E') && !/[eE]/.test(match[0])) {
      this.#broken(next === '+' || next === '-' ? 2 : 1, 'in exponent of numeric literal')
    }
    return new NumberText(match[0])
  }

  #broken(skip: number, context: string): never {
    this.#at += skip
    return this.#unexpected(context)
  }

  #string(): string {
    let text = ''
    let from = ++this.#at
    let wellFormed = true
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(code)) throw new JsonFault('unexpected EOF')
      if (code === 34) break
      if (code < 32) this.#unexpected('in string literal')
      if (code !== 92) {
        if (code >= 0xdc80 && code <= 0xdcff) wellFormed = false
        this.#at++
        continue
      }
      text += this.#text.slice(from, this.#at) + this.#escape()
      from = this.#at
    }
    text += this.#text.slice(from, this.#at++)
    return wellFormed && text.isWellFormed() ? text : text.toWellFormed()
  }

  #escape(): string {
    this.#at++
    const letter = this.#next()
    if (letter === 'u') return this.#unicodeEscape()
    if (!Object.hasOwn(ESCAPES, letter)) this.#unexpected('in string escape code')
    this.#at++
    return ESCAPES[letter] as string
  }

  #unicodeEscape(): string {
    const unit = this.#fourDigits()
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
    // Half of a pair counts only with its other half right behind it; alone it becomes U+FFFD.
    if (unit <= 0xdbff && /^\\u[dD][c-fC-F][0-9a-fA-F]{2}/.test(this.#text.slice(this.#at, this.#at + 6))) {
      this.#at++
      return String.fromCharCode(unit, this.#fourDigits())
    }
    return '\ufffd'
  }

  #fourDigits(): number {
    const from = this.#at + 1
    for (let i = 0; i < 4; i++) {
      this.#at++
      if (!/[0-9a-fA-F]/.test(this.#next())) this.#unexpected('in \\u hexadecimal character escape')
    }
    this.#at++
    return Number.parseInt(this.#text.slice(from, this.#at), 16)
  }

  #enter(): void {
    if (++this.#depth > NESTING_LIMIT) throw new JsonFault(`nested deeper than ${NESTING_LIMIT} levels`)
    this.#at++
    this.#blanks()
  }

  #array(): Json[] {
    this.#enter()
    const elements: Json[] = []
    if (this.#next() === ']') return this.#leave(elements)
    for (;;) {
      elements.push(this.#value('looking for beginning of value'))
      this.#blanks()
      const character = this.#next()
      if (character === ']') return this.#leave(elements)
      if (character !== ',') this.#unexpected('after array element')
      this.#at++
      this.#blanks()
    }
  }

  #object(): Map<string, Json> {
    this.#enter()
    const entries = new Map<string, Json>()
    if (this.#next() === '}') return this.#leave(entries)
    for (;;) {
      if (this.#next() !== '"') this.#unexpected('looking for beginning of object key string')
      const key = this.#string()
      this.#blanks()
      if (this.#next() !== ':') this.#unexpected('after object key')
      this.#at++
      this.#blanks()
      entries.set(key, this.#value('looking for beginning of value'))
      this.#blanks()
      const character = this.#next()
      if (character === '}') return this.#leave(entries)
      if (character !== ',') this.#unexpected('after object key:value pair')
      this.#at++
      this.#blanks()
    }
  }

  #leave<T>(collection: T): T {
    this.#depth--
    this.#at++
    return collection
  }
}

/** A character as fault messages show it. The reference looks at bytes, so only the first one of a character is shown. */
function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''"
  if (character === '"') return `'"'`
  if (character.charCodeAt(0) >= 0x80) return quoteByte(toBytes(character)[0] as number)
  const short: Readonly<Record<string, string>> = {
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
    '\b': '\\b',
    '\f': '\\f',
    '\x07': '\\a',
    '\x0b': '\\v',
    '\\': '\\\\',
  }
  if (short[character]) return `'${short[character]}'`
  const code = character.charCodeAt(0)
  return code < 32 || code === 127 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${character}'`
}

/** A byte outside ASCII is shown as the Latin-1 character of that number. */
function quoteByte(byte: number): string {
  return byte < 0xa0 || byte === 0xad ? `'\\u00${byte.toString(16)}'` : `'${String.fromCharCode(byte)}'`
}
