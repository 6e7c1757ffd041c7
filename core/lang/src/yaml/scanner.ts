import { isBlankOrEnd, isBreak } from './characters.ts'
import type { DecodedSource } from './decode-source.ts'
import { blockEnd, skipComments, skipLineComment } from './skip-comments.ts'
import { scanBlockScalar } from './scan-block-scalar.ts'
import { scanDirective } from './scan-directive.ts'
import { scanPlainScalar } from './scan-plain-scalar.ts'
import { scanQuotedScalar } from './scan-quoted-scalar.ts'
import { scanAnchor, scanTag } from './scan-properties.ts'
import * as T from './token.ts'

/** A place where a mapping key without `?` may have begun: known to be one only when its `:` is met. */
interface SimpleKey {
  possible: boolean
  /** In block context, a key at the column of its mapping must be one. */
  required: boolean
  tokenNumber: number
  mark: T.Mark
  /** Characters before it: a surrogate pair is one, which an index counts as two. */
  characters: number
}

/** A key without `?` must end on its line, and within this many characters. */
const KEY_LENGTH = 1024

/**
 * YAML 1.1 text to tokens.
 *
 * Follows the grammar, the look-ahead (three tokens) and the error texts of the parser the language was defined with,
 * because which of several mistakes is reported depends on them.
 */
export class Scanner {
  readonly text: string
  readonly #fault: DecodedSource['fault']
  readonly #astral: boolean
  index: number
  line = 0
  /** Index of the first character of the line, and surrogate pairs passed since then and in all. */
  #lineStart: number
  #linePairs = 0
  #pairs = 0
  indent = -1
  flowLevel = 0
  simpleKeyAllowed = true
  readonly #indents: number[] = []
  /** One place for each flow level. */
  readonly #keys: SimpleKey[] = [noKey(0)]
  /** Level of the key that begins with a token. */
  readonly #levelOfToken = new Map<number, number>()
  readonly #queue: T.Token[] = []
  #head = 0
  #taken = 0

  constructor(source: DecodedSource) {
    this.#fault = source.fault
    this.text = source.fault ? source.text.slice(0, source.fault.noticedAt) : source.text
    this.#astral = /[\ud800-\udbff]/.test(this.text)
    this.index = this.text.charCodeAt(0) === 0xfeff ? 1 : 0
    this.#lineStart = this.index
    if (this.#fault && this.text.length <= this.index) throw new T.YamlFault(this.#fault.message)
    this.push(T.STREAM_START, this.mark(), this.mark())
  }

  #available = false
  /** Where the comments before the token that is scanned begin. */
  comments: T.Mark[] = []

  /** The next token, which stays in the queue. */
  peek(): T.Token {
    if (!this.#available) this.#fetchMore()
    return this.#queue[this.#head] as T.Token
  }

  /** Takes the token `peek` shows. */
  skip(): void {
    this.#head++
    this.#taken++
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
    this.#available = false
  }

  #fetchMore(): void {
    while (this.#needsMore()) this.#fetch()
    this.#available = true
  }

  #needsMore(): boolean {
    // Behind the end of the stream there is nothing to look ahead to.
    const ended = this.#queue[this.#queue.length - 1]?.kind === T.STREAM_END
    if (this.#head >= this.#queue.length - 2 && !ended) return true
    const level = this.#levelOfToken.get(this.#taken)
    const key = level === undefined ? undefined : this.#keys[level]
    return key !== undefined && this.#stillPossible(key) && !ended
  }

  // --- characters -------------------------------------------------------------------------------------------------

  /** The unit at an offset from here; 0 at the end. */
  at(offset = 0): number {
    const index = this.index + offset
    return index < this.text.length ? this.text.charCodeAt(index) : 0
  }

  get column(): number {
    return this.index - this.#lineStart - this.#linePairs
  }

  mark(): T.Mark {
    return { index: this.index, line: this.line, column: this.column }
  }

  /** Moves over units that are no line breaks. */
  advance(units = 1): void {
    if (this.#astral) {
      for (let i = this.index; i < this.index + units; i++) {
        const code = this.text.charCodeAt(i)
        if (code >= 0xd800 && code <= 0xdbff) {
          this.#linePairs++
          this.#pairs++
        }
      }
    }
    this.index += units
  }

  /** Moves over one line break and returns what it stands for: LS and PS themselves, a line feed for all others. */
  takeBreak(): string {
    const code = this.at()
    this.index += code === 13 && this.at(1) === 10 ? 2 : 1
    this.line++
    this.#lineStart = this.index
    this.#linePairs = 0
    return code === 0x2028 ? '\u2028' : code === 0x2029 ? '\u2029' : '\n'
  }

  /** Whether `---` or `...` stands at the beginning of this line. */
  atDocumentIndicator(): boolean {
    if (this.column !== 0) return false
    const code = this.at()
    return (code === 45 || code === 46) && this.at(1) === code && this.at(2) === code && isBlankOrEnd(this.at(3))
  }

  fail(problem: string, context: T.Mark): never {
    if (this.#fault && this.index + 4 > this.text.length) throw new T.YamlFault(this.#fault.message)
    throw T.scannerFault(problem, context, this.mark())
  }

  // --- tokens -----------------------------------------------------------------------------------------------------

  push(kind: number, start: T.Mark, end: T.Mark, value = '', suffix = '', style: T.ScalarStyle = 'plain'): void {
    this.#queue.push({ kind, start, end, value, suffix, style })
  }

  /** Inserts a token before the one that will have the given number. */
  #insert(kind: number, tokenNumber: number, mark: T.Mark): void {
    const token: T.Token = { kind, start: mark, end: mark, value: '', suffix: '', style: 'plain' }
    // A key whose first token was taken already comes too late and goes to the end.
    if (tokenNumber < this.#taken) this.#queue.push(token)
    else this.#queue.splice(this.#head + tokenNumber - this.#taken, 0, token)
  }

  #fetch(): void {
    const { index, line, column } = this
    if (this.comments.length > 0) this.comments = []
    this.#toNextToken()
    // Blocks end where the last token was scanned to: behind a plain scalar that is the next line, behind others it is not.
    if (this.indent > this.column) this.#unrollIndent(this.column, { index, line, column })
    const code = this.at()
    if (code === 0) return this.#fetchStreamEnd()
    if (code === 37 && this.column === 0) return this.#fetchDirective()
    if (this.atDocumentIndicator()) return this.#fetchDocumentIndicator(code === 45 ? T.DOCUMENT_START : T.DOCUMENT_END)
    this.#fetchContent(code)
    if (this.#queue[this.#queue.length - 1]?.kind !== T.BLOCK_ENTRY) skipLineComment(this)
  }

  #fetchContent(code: number): void {
    switch (code) {
      case 91:
        return this.#fetchFlowStart(T.FLOW_SEQUENCE_START)
      case 123:
        return this.#fetchFlowStart(T.FLOW_MAPPING_START)
      case 93:
        return this.#fetchFlowEnd(T.FLOW_SEQUENCE_END)
      case 125:
        return this.#fetchFlowEnd(T.FLOW_MAPPING_END)
      case 44:
        return this.#fetchFlowEntry()
      case 42:
      case 38:
        return this.#fetchProperty(() => scanAnchor(this, code === 42 ? T.ALIAS : T.ANCHOR))
      case 33:
        return this.#fetchProperty(() => scanTag(this))
      case 39:
      case 34:
        return this.#fetchProperty(() => scanQuotedScalar(this, code === 39))
      default:
        return this.#fetchIndicatorOrPlain(code)
    }
  }

  #fetchIndicatorOrPlain(code: number): void {
    const next = this.at(1)
    if (code === 45 && isBlankOrEnd(next)) return this.#fetchBlockEntry()
    if (code === 63 && (this.flowLevel > 0 || isBlankOrEnd(next))) return this.#fetchKey()
    if (code === 58 && (this.flowLevel > 0 || isBlankOrEnd(next))) return this.#fetchValue()
    if ((code === 124 || code === 62) && this.flowLevel === 0) return this.#fetchBlockScalar(code === 124)
    if (!this.#startsPlain(code, next)) this.fail('found character that cannot start any token', this.mark())
    this.#saveKey()
    this.simpleKeyAllowed = false
    scanPlainScalar(this)
  }

  #startsPlain(code: number, next: number): boolean {
    if (code === 45) return next !== 32 && next !== 9
    if (code === 63 || code === 58) return this.flowLevel === 0 && !isBlankOrEnd(next)
    // # % @ ` | > , and blanks cannot begin a plain scalar.
    return !(code === 35 || code === 37 || code === 64 || code === 96 || code === 124 || code === 62 || isBlankOrEnd(code))
  }

  #toNextToken(): void {
    for (;;) {
      for (;;) {
        const code = this.at()
        if (code === 32 || (code === 9 && (this.flowLevel > 0 || !this.simpleKeyAllowed))) this.index++
        else break
      }
      if (this.at() === 35) skipComments(this)
      if (!isBreak(this.at())) return
      this.takeBreak()
      if (this.flowLevel === 0) this.simpleKeyAllowed = true
    }
  }

  #fetchStreamEnd(): void {
    if (this.#fault) throw new T.YamlFault(this.#fault.message)
    if (this.column !== 0) {
      this.line++
      this.#lineStart = this.index
      this.#linePairs = 0
    }
    this.#unrollIndent(-1)
    this.#removeKey()
    this.simpleKeyAllowed = false
    this.push(T.STREAM_END, this.mark(), this.mark())
  }

  #fetchDirective(): void {
    this.#unrollIndent(-1)
    this.#removeKey()
    this.simpleKeyAllowed = false
    scanDirective(this)
  }

  #fetchDocumentIndicator(kind: number): void {
    this.#unrollIndent(-1)
    this.#removeKey()
    this.simpleKeyAllowed = false
    this.#single(kind, 3)
  }

  #single(kind: number, units = 1): void {
    const start = this.mark()
    this.index += units
    this.push(kind, start, this.mark())
  }

  #fetchFlowStart(kind: number): void {
    this.#saveKey()
    this.#keys.push(noKey(this.#nextToken))
    this.flowLevel++
    this.simpleKeyAllowed = true
    this.#single(kind)
  }

  #fetchFlowEnd(kind: number): void {
    this.#removeKey()
    if (this.flowLevel > 0) {
      this.flowLevel--
      // With an empty collection this forgets the key the collection itself might be, as the reference does.
      this.#levelOfToken.delete((this.#keys.pop() as SimpleKey).tokenNumber)
    }
    this.simpleKeyAllowed = false
    this.#single(kind)
  }

  #fetchFlowEntry(): void {
    this.#removeKey()
    this.simpleKeyAllowed = true
    this.#single(T.FLOW_ENTRY)
  }

  #fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('block sequence entries are not allowed in this context', this.mark())
      this.#rollIndent(this.column, T.BLOCK_SEQUENCE_START, this.mark())
    }
    this.#removeKey()
    this.simpleKeyAllowed = true
    this.#single(T.BLOCK_ENTRY)
  }

  #fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('mapping keys are not allowed in this context', this.mark())
      this.#rollIndent(this.column, T.BLOCK_MAPPING_START, this.mark())
    }
    this.#removeKey()
    this.simpleKeyAllowed = this.flowLevel === 0
    this.#single(T.KEY)
  }

  #fetchValue(): void {
    const key = this.#keys[this.#keys.length - 1] as SimpleKey
    if (this.#stillPossible(key)) {
      this.#insert(T.KEY, key.tokenNumber, key.mark)
      this.#rollIndent(key.mark.column, T.BLOCK_MAPPING_START, key.mark, key.tokenNumber)
      key.possible = false
      this.#levelOfToken.delete(key.tokenNumber)
      this.simpleKeyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed) this.fail('mapping values are not allowed in this context', this.mark())
        this.#rollIndent(this.column, T.BLOCK_MAPPING_START, this.mark())
      }
      this.simpleKeyAllowed = this.flowLevel === 0
    }
    this.#single(T.VALUE)
  }

  #fetchProperty(scan: () => void): void {
    this.#saveKey()
    this.simpleKeyAllowed = false
    scan()
  }

  #fetchBlockScalar(literal: boolean): void {
    this.#removeKey()
    this.simpleKeyAllowed = true
    scanBlockScalar(this, literal)
  }

  // --- keys and indentation ---------------------------------------------------------------------------------------

  #stillPossible(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.mark.line >= this.line && this.index - this.#pairs - key.characters <= KEY_LENGTH) return true
    if (key.required) this.fail("could not find expected ':'", key.mark)
    key.possible = false
    return false
  }

  #saveKey(): void {
    if (!this.simpleKeyAllowed) return
    const required = this.flowLevel === 0 && this.indent === this.column
    this.#removeKey()
    const tokenNumber = this.#nextToken
    const mark = this.mark()
    const key = { possible: true, required, tokenNumber, mark, characters: mark.index - this.#pairs }
    this.#keys[this.#keys.length - 1] = key
    this.#levelOfToken.set(tokenNumber, this.#keys.length - 1)
  }

  /** The number the next token will have. */
  get #nextToken(): number {
    return this.#taken + this.#queue.length - this.#head
  }

  #removeKey(): void {
    const key = this.#keys[this.#keys.length - 1] as SimpleKey
    if (!key.possible) return
    if (key.required) this.fail("could not find expected ':'", key.mark)
    key.possible = false
    this.#levelOfToken.delete(key.tokenNumber)
  }

  #rollIndent(column: number, kind: number, mark: T.Mark, tokenNumber?: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return
    this.#indents.push(this.indent)
    this.indent = column
    if (tokenNumber === undefined) this.push(kind, mark, mark)
    else this.#insert(kind, tokenNumber, mark)
  }

  #unrollIndent(column: number, mark = this.mark()): void {
    if (this.flowLevel > 0) return
    let end = mark
    while (this.indent > column) {
      end = blockEnd(this.comments, this.indent, end)
      this.push(T.BLOCK_END, end, end)
      this.indent = this.#indents.pop() as number
    }
  }
}

function noKey(tokenNumber: number): SimpleKey {
  return { possible: false, required: false, tokenNumber, mark: { index: 0, line: 0, column: 0 }, characters: 0 }
}
