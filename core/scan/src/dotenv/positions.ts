import type { Position, Range } from '@headgate/model'

/** How many UTF-16 units of one line may be walked to find a place in it. */
const STRIDE = 1024

/**
 * Lines, columns and bytes of the places in a text.
 *
 * A line ends at `\n`, `\r\n` or `\r`; columns count code points and bytes are those of UTF-8. Asking from left to right
 * costs a walk over the text altogether; asking in any other order a walk over a stride at most, however long the line.
 */
export class Positions {
  readonly #text: string
  readonly #file: string
  /** The first character of every stride. */
  readonly #marks: Walk[] = []
  /** Where the last question left off. */
  #cursor: Walk = startOfText()

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
    const walk = startOfText()
    while (walk.offset < text.length) {
      this.#marks.push({ ...walk })
      advance(text, walk, Math.min(text.length, this.#marks.length * STRIDE))
    }
  }

  at(offset: number): Position {
    if (offset < this.#cursor.offset || offset - this.#cursor.offset > STRIDE) this.#cursor = this.#markBefore(offset)
    advance(this.#text, this.#cursor, offset)
    const { line, column, byte } = this.#cursor
    return { line, column, byte }
  }

  /** The last mark at or before an offset. A pair of surrogates across a stride's edge puts its mark one unit later. */
  #markBefore(offset: number): Walk {
    const index = Math.floor(offset / STRIDE)
    const mark = this.#marks.slice(Math.max(0, index - 1), index + 1).findLast((candidate) => candidate.offset <= offset)
    return { ...(mark ?? this.#marks.at(-1) ?? startOfText()) }
  }

  range(begin: number, end: number): Range {
    return { file: this.#file, begin: this.at(begin), end: this.at(end) }
  }
}

interface Walk {
  offset: number
  line: number
  column: number
  byte: number
}

function startOfText(): Walk {
  return { offset: 0, line: 1, column: 1, byte: 0 }
}

function advance(text: string, walk: Walk, end: number): void {
  while (walk.offset < end) {
    const code = text.codePointAt(walk.offset) ?? 0
    const next = text.charCodeAt(walk.offset + 1)
    walk.offset += code > 0xffff ? 2 : 1
    walk.byte += utf8Length(code)
    if (code === 10 || (code === 13 && next !== 10)) {
      walk.line += 1
      walk.column = 1
    } else {
      walk.column += 1
    }
  }
}

function utf8Length(code: number): number {
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}
