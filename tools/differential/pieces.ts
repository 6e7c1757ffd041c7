import type { Seeded } from './seeded.ts'

/** A piece of a document before it is laid out as text. */
export type Piece =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'block'; readonly header: string; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly Piece[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Piece])[] }

export function scalar(text: string): Piece {
  return { kind: 'scalar', text }
}

export function list(...items: readonly Piece[]): Piece {
  return { kind: 'list', items }
}

export function map(entries: Readonly<Record<string, Piece>>): Piece {
  return { kind: 'map', entries: Object.entries(entries) }
}

/** Lays pieces out in the many ways YAML allows: mostly in plain blocks, now and then in every other form. */
export class Layout {
  readonly #random: Seeded

  constructor(random: Seeded) {
    this.#random = random
  }

  /** Lines of a collection in block style at a column; some parts are laid out in one line. */
  block(piece: Piece, column: number): string[] {
    const pad = ' '.repeat(column)
    if (piece.kind === 'list') return piece.items.flatMap((item) => this.#item(pad, item, column))
    if (piece.kind === 'map') return piece.entries.flatMap(([key, value]) => this.#entry(pad, key, value, column))
    return []
  }

  #item(pad: string, item: Piece, column: number): string[] {
    // A mapping may begin on its dash's line.
    if (item.kind === 'map' && item.entries.length > 0 && this.#random.chance(0.4)) {
      const [first = '', ...rest] = this.block(item, column + 2)
      return [`${pad}- ${first.trimStart()}`, ...rest]
    }
    return this.#withValue(`${pad}-`, item, column)
  }

  #entry(pad: string, key: string, value: Piece, column: number): string[] {
    const comment = this.#random.chance(0.02) ? [`${pad}# about ${key}`] : []
    if (this.#random.chance(0.01)) return [...comment, `${pad}? ${key}`, ...this.#withValue(`${pad}:`, value, column)]
    return [...comment, ...this.#withValue(`${pad}${key}:`, value, column)]
  }

  #withValue(start: string, value: Piece, column: number): string[] {
    if (value.kind === 'scalar') return this.#scalarLines(start, value.text, column)
    if (value.kind === 'block')
      return [`${start} ${value.header}`, ...value.lines.map((line) => (line === '' ? '' : ' '.repeat(column + 2) + line))]
    const size = value.kind === 'list' ? value.items.length : value.entries.length
    if (size === 0 || (isPlain(value) && this.#random.chance(0.35))) return this.#flowLines(start, value, column)
    const properties = this.#random.chance(0.02) ? ` ${this.#random.pick(['&anchor', '!note', '&x !y', '!!map', '!!seq', '# why'])}` : ''
    // Lists may stand as far left as the key they belong to.
    const inner = value.kind === 'list' && !start.endsWith('-') && this.#random.chance(0.25) ? column : column + 2
    return [start + properties, ...this.block(value, inner)]
  }

  #scalarLines(start: string, text: string, column: number): string[] {
    if (text === '') return [start]
    const words = text.split(' ')
    if (words.length > 1 && /^[\w$"']/.test(text) && !text.includes(' #') && this.#random.chance(0.15)) {
      const gap = this.#random.chance(0.2) ? ['', ''] : ['']
      return [`${start} ${words[0]}`, ...gap.slice(1), `${' '.repeat(column + 2)}${words.slice(1).join(' ')}`]
    }
    if (this.#random.chance(0.02)) return [start, `${' '.repeat(column + 2)}${text}`]
    return [`${start} ${text}${this.#random.chance(0.02) ? this.#random.pick([' # note', '  ', '\t# tab']) : ''}`]
  }

  #flowLines(start: string, value: Piece, column: number): string[] {
    const text = this.#flow(value)
    if (!this.#random.chance(0.1)) return [`${start} ${text}`]
    return `${start} ${text}`.split(/(?<=, )/).map((line, i) => (i === 0 ? line.trimEnd() : ' '.repeat(column + 3) + line.trimEnd()))
  }

  #flow(piece: Piece): string {
    if (piece.kind === 'scalar') return piece.text
    if (piece.kind === 'list') return `[${piece.items.map((item) => this.#flow(item)).join(', ')}${this.#end(piece.items.length)}]`
    if (piece.kind === 'block') return ''
    const entries = piece.entries.map(([key, value]) => `${key}: ${this.#flow(value)}`)
    return this.#random.chance(0.7) ? `{ ${entries.join(', ')} }` : `{${entries.join(',  ')}${this.#end(entries.length)}}`
  }

  #end(length: number): string {
    return length > 0 && this.#random.chance(0.05) ? ',' : ''
  }
}

/** Whether a collection may stand in one line: no block scalars, and no text that would mean something else there. */
function isPlain(piece: Piece): boolean {
  if (piece.kind === 'scalar') return !/[,{}[\]#?]/.test(piece.text) || /^"[^"\\]*"$/.test(piece.text)
  if (piece.kind === 'block') return false
  return piece.kind === 'list' ? piece.items.every(isPlain) : piece.entries.every(([, value]) => isPlain(value))
}
