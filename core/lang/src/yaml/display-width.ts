import { byteLength, fromBytes, toBytes } from './bytes.ts'

/**
 * How many terminal cells a text takes. The language counts columns of accessors, and walks lines to find byte offsets,
 * in such cells (its specification 1.2.4 and 1.4), so the numbers have to be those of UAX #29 clusters and UAX #11.
 */
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

const EXTEND = /^[\p{Grapheme_Extend}\p{Emoji_Modifier}\u200d]$/u
const CONTROL = /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]$/u
const PREPEND = /^[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]$/u
const REGIONAL = /^\p{Regional_Indicator}$/u
const PICTOGRAPH = /^\p{Extended_Pictographic}$/u
const EMOJI = /^\p{Emoji_Presentation}$/u
const HANGUL_LEAD = /^[\u1100-\u115f\ua960-\ua97c]$/u

/** First and last code points of the ranges that take two cells (East Asian Width W and F), ascending. */
// oxfmt-ignore
const WIDE = Uint32Array.of(
  0x1100, 0x115f, 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ec, 0x23f0, 0x23f0, 0x23f3, 0x23f3, 0x25fd, 0x25fe, 0x2614, 0x2615,
  0x2648, 0x2653, 0x267f, 0x267f, 0x2693, 0x2693, 0x26a1, 0x26a1, 0x26aa, 0x26ab, 0x26bd, 0x26be, 0x26c4, 0x26c5, 0x26ce, 0x26ce,
  0x26d4, 0x26d4, 0x26ea, 0x26ea, 0x26f2, 0x26f3, 0x26f5, 0x26f5, 0x26fa, 0x26fa, 0x26fd, 0x26fd, 0x2705, 0x2705, 0x270a, 0x270b,
  0x2728, 0x2728, 0x274c, 0x274c, 0x274e, 0x274e, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797, 0x27b0, 0x27b0, 0x27bf, 0x27bf,
  0x2b1b, 0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55, 0x2e80, 0x2e99, 0x2e9b, 0x2ef3, 0x2f00, 0x2fd5, 0x2ff0, 0x2ffb, 0x3000, 0x303e,
  0x3041, 0x3096, 0x3099, 0x30ff, 0x3105, 0x312f, 0x3131, 0x318e, 0x3190, 0x31e3, 0x31f0, 0x321e, 0x3220, 0x3247, 0x3250, 0x4dbf,
  0x4e00, 0xa48c, 0xa490, 0xa4c6, 0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe52, 0xfe54, 0xfe66,
  0xfe68, 0xfe6b, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x16fe4, 0x16ff0, 0x16ff1, 0x17000, 0x187f7, 0x18800, 0x18cd5, 0x18d00, 0x18d08,
  0x1aff0, 0x1aff3, 0x1aff5, 0x1affb, 0x1affd, 0x1affe, 0x1b000, 0x1b122, 0x1b132, 0x1b132, 0x1b150, 0x1b152, 0x1b155, 0x1b155,
  0x1b164, 0x1b167, 0x1b170, 0x1b2fb, 0x1f004, 0x1f004, 0x1f0cf, 0x1f0cf, 0x1f18e, 0x1f18e, 0x1f191, 0x1f19a, 0x1f200, 0x1f202,
  0x1f210, 0x1f23b, 0x1f240, 0x1f248, 0x1f250, 0x1f251, 0x1f260, 0x1f265, 0x1f300, 0x1f320, 0x1f32d, 0x1f335, 0x1f337, 0x1f37c,
  0x1f37e, 0x1f393, 0x1f3a0, 0x1f3ca, 0x1f3cf, 0x1f3d3, 0x1f3e0, 0x1f3f0, 0x1f3f4, 0x1f3f4, 0x1f3f8, 0x1f43e, 0x1f440, 0x1f440,
  0x1f442, 0x1f4fc, 0x1f4ff, 0x1f53d, 0x1f54b, 0x1f54e, 0x1f550, 0x1f567, 0x1f57a, 0x1f57a, 0x1f595, 0x1f596, 0x1f5a4, 0x1f5a4,
  0x1f5fb, 0x1f64f, 0x1f680, 0x1f6c5, 0x1f6cc, 0x1f6cc, 0x1f6d0, 0x1f6d2, 0x1f6d5, 0x1f6d7, 0x1f6dc, 0x1f6df, 0x1f6eb, 0x1f6ec,
  0x1f6f4, 0x1f6fc, 0x1f7e0, 0x1f7eb, 0x1f7f0, 0x1f7f0, 0x1f90c, 0x1f93a, 0x1f93c, 0x1f945, 0x1f947, 0x1f9ff, 0x1fa70, 0x1fa7c,
  0x1fa80, 0x1fa88, 0x1fa90, 0x1fabd, 0x1fabf, 0x1fac5, 0x1face, 0x1fadb, 0x1fae0, 0x1fae8, 0x1faf0, 0x1faf8, 0x20000, 0x2fffd,
  0x30000, 0x3fffd,
)

interface Cluster {
  readonly text: string
  readonly width: number
}

/** The grapheme clusters of a text with the cells each takes. */
function* clusters(text: string): Generator<Cluster> {
  for (const { segment } of segmenter.segment(text)) yield { text: segment, width: clusterWidth(segment) }
}

/**
 * The cells of one line or scalar, looked up again and again: a text may hold very many places, and walking up to each
 * would take the product of both.
 */
export class CellTable {
  readonly #text: string
  /** For each cluster, and for the end: what is before it in units of the text, in bytes and in cells. */
  readonly #units: number[] = [0]
  readonly #bytes: number[] = [0]
  readonly #cells: number[] = [0]

  constructor(text: string) {
    this.#text = text
    let units = 0
    let bytes = 0
    let cells = 0
    for (const cluster of clusters(text)) {
      this.#units.push((units += cluster.text.length))
      this.#bytes.push((bytes += byteLength(cluster.text)))
      this.#cells.push((cells += cluster.width))
    }
  }

  /** Bytes of the clusters that begin before a number of cells. */
  bytesBefore(cells: number): number {
    return this.#bytes[Math.min(firstAtLeast(this.#cells, cells), this.#bytes.length - 1)] as number
  }

  /** Cells before a byte offset; the part of a cluster before it counts as a cluster of its own. */
  cellsBefore(bytes: number): number {
    const index = firstAtLeast(this.#bytes, bytes)
    if (this.#bytes[index] === bytes) return this.#cells[index] as number
    const before = index - 1
    const cluster = toBytes(this.#text.slice(this.#units[before], this.#units[index]))
    return (this.#cells[before] as number) + displayWidth(fromBytes(cluster.subarray(0, bytes - (this.#bytes[before] as number))))
  }
}

/** The index of the first of some ascending numbers that is no less than a bound; their count where there is none. */
function firstAtLeast(numbers: readonly number[], bound: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] as number) < bound) low = middle + 1
    else high = middle
  }
  return low
}

/** The cells a whole text takes. */
function displayWidth(text: string): number {
  let width = 0
  for (const cluster of clusters(text)) width += cluster.width
  return width
}

function clusterWidth(cluster: string): number {
  const characters = Array.from(cluster)
  const first = characters[0] as string
  let width = characterWidth(first)
  const pictograph = PICTOGRAPH.test(first)
  const absorbing = REGIONAL.test(first) || HANGUL_LEAD.test(first)
  for (const character of characters.slice(1)) {
    if (pictograph) {
      if (character === '\ufe0e') width = 1
      else if (character === '\ufe0f') width = 2
    } else if (!absorbing) width += characterWidth(character)
  }
  return width
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) as number
  if (code >= 0x20 && code < 0x7f) return 1
  if (EXTEND.test(character) || (CONTROL.test(character) && !PREPEND.test(character))) return 0
  if (REGIONAL.test(character)) return 2
  if (PICTOGRAPH.test(character)) return EMOJI.test(character) ? 2 : 1
  if (code === 0x2e3a) return 3
  if (code === 0x2e3b) return 4
  return isWide(code) ? 2 : 1
}

function isWide(code: number): boolean {
  let low = 0
  let high = WIDE.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if (code < (WIDE[middle * 2] as number)) high = middle - 1
    else if (code > (WIDE[middle * 2 + 1] as number)) low = middle + 1
    else return true
  }
  return false
}
