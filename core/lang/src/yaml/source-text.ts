import type { Position, Range } from '@headgate/model'
import { byteLength, isAscii } from './bytes.ts'
import { CellTable } from './display-width.ts'

interface Line {
  /** Bytes before the line. */
  readonly offset: number
  readonly ascii: boolean
  readonly text: string
  /** Worked out when the first place on the line is asked for. */
  cells?: CellTable
}

/**
 * A text with its name, which turns lines and columns into positions.
 *
 * The rules for the byte of a position are the language's (specification 1.2.4), odd ones included: what lies on the
 * last line of a text that does not end in a line break has byte 0, and on lines with characters outside ASCII columns
 * are walked in display cells although they count code points.
 */
export class SourceText {
  readonly name: string
  readonly text: string
  #lines: Line[] | undefined

  constructor(name: string, text: string) {
    this.name = name
    this.text = text
  }

  position(line: number, column: number): Position {
    const lines = (this.#lines ??= linesOf(this.text))
    if (line < 1 || line >= lines.length) return { line, column, byte: 0 }
    const at = lines[line - 1] as Line
    const byte = at.ascii ? at.offset + column - 1 : at.offset + (at.cells ??= new CellTable(at.text)).bytesBefore(column - 1)
    return { line, column, byte }
  }

  range(line: number, column: number, endLine: number, endColumn: number): Range {
    return { file: this.name, begin: this.position(line, column), end: this.position(endLine, endColumn) }
  }
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  const allAscii = isAscii(text)
  let offset = 0
  let at = 0
  for (;;) {
    const end = text.indexOf('\n', at)
    const line = end < 0 ? text.slice(at) : text.slice(at, end)
    const ascii = allAscii || isAscii(line)
    lines.push({ offset, ascii, text: line })
    if (end < 0) return lines
    offset += (ascii ? line.length : byteLength(line)) + 1
    at = end + 1
  }
}
