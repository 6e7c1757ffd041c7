export interface Decoded {
  readonly text: string
  /** Some bytes are not UTF-8; each stands in the text as U+FFFD. */
  readonly damaged: boolean
}

/** Text out of bytes, the byte order mark kept, so that the file can be put together again. */
export function decode(source: string | Uint8Array): Decoded {
  if (typeof source === 'string') return { text: source, damaged: false }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source), damaged: false }
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(source), damaged: true }
  }
}

/** A text with its line ends unified to `\n`, and the way back to places in the original. */
export interface UnifiedText {
  readonly text: string
  /** The offset in the original that an offset in the unified text stands for. */
  original(offset: number): number
}

/** npm dotenv turns `\r\n` and lone `\r` into `\n` before it reads, inside quotes too. */
export function unifyLineEnds(source: string): UnifiedText {
  if (!source.includes('\r')) return { text: source, original: (offset) => offset }
  // Where in the unified text a `\n` stands for two characters.
  const pairs: number[] = []
  for (let at = source.indexOf('\r\n'); at !== -1; at = source.indexOf('\r\n', at + 2)) pairs.push(at - pairs.length)
  return { text: source.replaceAll('\r\n', '\n').replaceAll('\r', '\n'), original: (offset) => offset + countBelow(pairs, offset) }
}

/** How many of the sorted numbers are below the limit. */
function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? limit) < limit) low = middle + 1
    else high = middle
  }
  return low
}
