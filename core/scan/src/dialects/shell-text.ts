/** A word of a shell line; without a value where that depends on the machine. */
export interface ShellWord {
  readonly value: string | undefined
}

/** Characters that end a word and start an operator. */
const OPERATORS = new Set(['&', '|', ';', '(', ')', '<', '>', '`'])
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y

/** How deep expansions inside defaults are followed. */
const DEEPEST = 32

/** A cursor over the words of a shell text. What it cannot tell it answers with undefined. */
export class ShellText {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  get offset(): number {
    return this.#at
  }

  get atWordEnd(): boolean {
    const next = this.#text[this.#at]
    return next === undefined || next === ' ' || next === '\t' || next === '\n'
  }

  lineEndsSince(offset: number): number {
    return this.#text.slice(offset, this.#at).split('\n').length - 1
  }

  skipBlanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t' || this.#text.startsWith('\\\n', this.#at)) {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    }
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  /** Past a comment and the line end behind it. */
  skipComment(): boolean {
    if (this.#text[this.#at] !== '#') return false
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end === -1 ? this.#text.length : end + 1
    return true
  }

  skipLineEnd(): boolean {
    if (!this.atEnd && this.#text[this.#at] !== '\n') return false
    this.#at++
    return true
  }

  keyword(word: string): boolean {
    const behind = this.#text[this.#at + word.length]
    if (!this.#text.startsWith(word, this.#at) || (behind !== ' ' && behind !== '\t')) return false
    this.#at += word.length
    return true
  }

  name(): string | undefined {
    NAME.lastIndex = this.#at
    const name = NAME.exec(this.#text)?.[0]
    if (name !== undefined) this.#at += name.length
    return name
  }

  /** The rest of the word, quotes removed and `$X` filled in; undefined where the shell would run something or fail. */
  word(lookUp: (name: string) => string): ShellWord | undefined {
    let value = ''
    let known = true
    let tilde = true
    while (!this.atWordEnd) {
      const character = this.#text.charAt(this.#at)
      // At the start of the word and behind a colon it is somebody's home directory.
      if (character === '~' && tilde) known = false
      const part = this.#part(character, lookUp)
      if (part === undefined) return undefined
      value += part
      tilde = character === ':'
    }
    return { value: known ? value : undefined }
  }

  #part(character: string, lookUp: (name: string) => string): string | undefined {
    if (OPERATORS.has(character)) return undefined
    if (character === "'") return this.#single()
    if (character === '"') return this.#double(lookUp)
    if (character === '$') return this.#expansion(lookUp, 0)
    this.#at++
    if (character !== '\\') return character
    const next = this.#text[this.#at++]
    if (next === undefined) return '\\'
    return next === '\n' ? '' : next
  }

  #single(): string | undefined {
    const close = this.#text.indexOf("'", this.#at + 1)
    if (close === -1) return undefined
    const value = this.#text.slice(this.#at + 1, close)
    this.#at = close + 1
    return value
  }

  #double(lookUp: (name: string) => string): string | undefined {
    this.#at++
    let value = ''
    while (!this.skip('"')) {
      const part = this.#insideDouble(lookUp)
      if (part === undefined) return undefined
      value += part
    }
    return value
  }

  #insideDouble(lookUp: (name: string) => string): string | undefined {
    const character = this.#text[this.#at]
    if (character === undefined || character === '`') return undefined
    if (character === '$') return this.#expansion(lookUp, 0)
    this.#at++
    if (character !== '\\') return character
    const next = this.#text[this.#at++] ?? ''
    if (next === '\n') return ''
    return next !== '' && '$`"\\'.includes(next) ? next : `\\${next}`
  }

  /** `$X`, `${X}`, `${X:-d}`, `${X-d}`; a `$` before anything that is no name stands for itself. */
  #expansion(lookUp: (name: string) => string, depth: number): string | undefined {
    this.#at++
    const braced = this.skip('{')
    const name = this.name()
    if (name === undefined) return braced || /[([0-9$!?#*@'-]/.test(this.#text[this.#at] ?? '') ? undefined : '$'
    if (!braced || this.skip('}')) return lookUp(name)
    this.skip(':')
    if (!this.skip('-') || depth > DEEPEST) return undefined
    let fallback = ''
    while (!this.skip('}')) {
      const character = this.#text[this.#at]
      if (character === undefined || /["'`\\\s]/.test(character)) return undefined
      const part = character === '$' ? this.#expansion(lookUp, depth + 1) : this.#text[this.#at++]
      if (part === undefined) return undefined
      fallback += part
    }
    // Unset and empty are the same here: what is not set in the text is not known.
    return lookUp(name) || fallback
  }
}
