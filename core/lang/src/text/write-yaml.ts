import { isValidText, toBytes } from '../yaml/bytes.ts'
import { encodeBase64 } from './base64.ts'
import type { Json } from './json.ts'
import { compareNatural } from './natural-order.ts'
import { NumberText } from './number-text.ts'
import { doubleQuoted, inlineScalar, literalBlock } from './yaml-scalar.ts'

/** Columns a collection under a key is moved by. */
const INDENT = 4

/** Longest key that is written before its colon without a `?`. */
const SIMPLE_KEY_LENGTH = 128

/**
 * JSON as a YAML document in block style: keys in natural order, a line feed at the end. Every reader of YAML 1.1 or 1.2
 * reads the same back, except that `fn::toYAML` leaves the words `<<` and `=` without quotes, as the reference does; that is pinned.
 */
export function writeYaml(json: Json, options: { readonly bareWords?: boolean } = {}): string {
  return new YamlWriter(options.bareWords ?? false).write(json)
}

/** Words that have a meaning of their own to readers of YAML 1.1: merge, and the default key. */
const WORDS_WITH_A_MEANING = new Set(['<<', '='])

type Scalar = null | boolean | NumberText | string
type Collection = readonly Json[] | ReadonlyMap<string, Json>

function isScalar(json: Json): json is Scalar {
  return json === null || typeof json !== 'object' || json instanceof NumberText
}

class YamlWriter {
  readonly #bareWords: boolean

  constructor(bareWords: boolean) {
    this.#bareWords = bareWords
  }

  write(json: Json): string {
    return `${isScalar(json) ? this.#writeScalar(json, INDENT, 0) : this.#writeCollection(json, 0)}\n`
  }

  #inline(text: string, context: 'block' | 'key' = 'block'): string {
    return !this.#bareWords && WORDS_WITH_A_MEANING.has(text) ? doubleQuoted(text) : inlineScalar(text, context)
  }

  /** A collection whose first line stands at the column already. */
  #writeCollection(json: Collection, column: number): string {
    const pad = `\n${' '.repeat(column)}`
    if (Array.isArray(json)) {
      if (json.length === 0) return '[]'
      return json
        .map(
          (element: Json) =>
            `- ${isScalar(element) ? this.#writeScalar(element, column + 2, column) : this.#writeCollection(element, column + 2)}`,
        )
        .join(pad)
    }
    const map = json as ReadonlyMap<string, Json>
    if (map.size === 0) return '{}'
    return [...map.keys()]
      .toSorted(compareNatural)
      .map((key) => this.#writeEntry(key, map.get(key) as Json, column))
      .join(pad)
  }

  #writeEntry(key: string, value: Json, column: number): string {
    const inner = INDENT * Math.floor((column + INDENT) / INDENT)
    if (key.includes('\n') || new TextEncoder().encode(key).length > SIMPLE_KEY_LENGTH)
      return this.#writeComplexEntry(key, value, column, inner)
    const written = isValidText(key) ? this.#inline(key, 'key') : binary(key)
    if (isScalar(value)) return `${written}: ${this.#writeScalar(value, inner, column)}`.trimEnd()
    if ((Array.isArray(value) ? value.length : (value as ReadonlyMap<string, Json>).size) === 0)
      return `${written}: ${this.#writeCollection(value, inner)}`
    return `${written}:\n${' '.repeat(inner)}${this.#writeCollection(value, inner)}`
  }

  #writeComplexEntry(key: string, value: Json, column: number, inner: number): string {
    const written = `? ${this.#writeScalar(key, inner, column)}`
    const pad = ' '.repeat(column)
    const content = isScalar(value)
      ? ` ${this.#writeScalar(value, inner, column)}`
      : `${' '.repeat(inner - column - 1)}${this.#writeCollection(value, inner)}`
    return `${written}\n${pad}:${content}`
  }

  /**
   * @param indent column of the lines of a text with several
   * @param parent column of what it belongs to
   */
  #writeScalar(scalar: Scalar, indent: number, parent: number): string {
    if (scalar === null) return 'null'
    if (typeof scalar === 'boolean') return String(scalar)
    if (scalar instanceof NumberText) return scalar.text
    if (!isValidText(scalar)) return binary(scalar)
    if (scalar.includes('\n')) return literalBlock(scalar, indent, parent) ?? doubleQuoted(scalar)
    return this.#inline(scalar)
  }
}

function binary(text: string): string {
  return `!!binary ${encodeBase64(toBytes(text))}`
}
