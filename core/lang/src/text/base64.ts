const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const CODES = new Uint8Array(128).fill(255)
for (let i = 0; i < ALPHABET.length; i++) CODES[ALPHABET.charCodeAt(i)] = i

/** The two characters for each twelve bits. */
const PAIRS = Array.from({ length: 4096 }, (_, bits) => ALPHABET.charAt(bits >> 6) + ALPHABET.charAt(bits & 63))

/** Bytes that are encoded at a time: a text put together of very many pieces takes many times its memory. */
const PIECE = 3 * 4096

export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let from = 0; from < bytes.length; from += PIECE) pieces.push(encodePiece(bytes.subarray(from, from + PIECE)))
  return pieces.join('')
}

function encodePiece(bytes: Uint8Array): string {
  const rest = bytes.length % 3
  const whole = bytes.length - rest
  let text = ''
  for (let i = 0; i < whole; i += 3) {
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number)
    text += (PAIRS[word >> 12] as string) + (PAIRS[word & 4095] as string)
  }
  if (rest === 0) return text
  const word = ((bytes[whole] as number) << 16) | ((bytes[whole + 1] ?? 0) << 8)
  return `${text}${PAIRS[word >> 12] as string}${rest === 2 ? ALPHABET.charAt((word >> 6) & 63) : '='}=`
}

/**
 * The bytes of a base64 text in the standard alphabet, with padding; line breaks are passed over.
 *
 * @returns the offset, in bytes, of what is wrong where the text is no base64
 */
export function decodeBase64(text: string): Uint8Array | { readonly illegalAt: number } {
  return decodeCanonical(text) ?? decodeSlowly(text)
}

/** The usual form, in one run: whole groups of four, padding only at the end. Undefined for anything else. */
function decodeCanonical(text: string): Uint8Array | undefined {
  const { length } = text
  if (length === 0 || length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((length / 4) * 3)
  for (let at = 0, to = 0; at < length; at += 4) {
    const last = at + 4 === length ? padding : 0
    const a = codeAt(text, at)
    const b = codeAt(text, at + 1)
    const c = last === 2 ? 0 : codeAt(text, at + 2)
    const d = last >= 1 ? 0 : codeAt(text, at + 3)
    if (((a | b | c | d) & 0xc0) !== 0) return undefined
    bytes[to++] = (a << 2) | (b >> 4)
    bytes[to++] = ((b & 15) << 4) | (c >> 2)
    bytes[to++] = ((c & 3) << 6) | d
  }
  return padding === 0 ? bytes : bytes.subarray(0, bytes.length - padding)
}

function codeAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? (CODES[code] as number) : 255
}

/** Finds the place of whatever is wrong, and reads over line breaks. */
function decodeSlowly(text: string): Uint8Array | { readonly illegalAt: number } {
  const input = new TextEncoder().encode(text)
  const bytes = new Uint8Array(Math.floor((input.length * 3) / 4))
  let length = 0
  let at = 0
  while (at < input.length) {
    const quantum = readQuantum(input, at)
    if ('illegalAt' in quantum) return quantum
    at = quantum.end
    for (const byte of quantum.bytes) bytes[length++] = byte
    if (quantum.last)
      return at < input.length && skipBreaks(input, at) < input.length ? { illegalAt: skipBreaks(input, at) } : bytes.slice(0, length)
  }
  return bytes.slice(0, length)
}

type Quantum = { readonly bytes: readonly number[]; readonly end: number; readonly last: boolean } | { readonly illegalAt: number }

/** Four characters, line breaks in between passed over. */
function readQuantum(input: Uint8Array, start: number): Quantum {
  const codes: number[] = []
  let at = start
  while (codes.length < 4) {
    if (at >= input.length) return codes.length === 0 ? { bytes: [], end: at, last: true } : { illegalAt: at - codes.length }
    const character = input[at++] as number
    if (character === 10 || character === 13) continue
    const code = character < 128 ? (CODES[character] as number) : 255
    if (code !== 255) codes.push(code)
    else if (character === 61) return padded(input, at, codes)
    else return { illegalAt: at - 1 }
  }
  const [a = 0, b = 0, c = 0, d = 0] = codes
  return { bytes: [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d], end: at, last: false }
}

/** The end of the text: one or two padding characters after three or two others. */
function padded(input: Uint8Array, behind: number, codes: readonly number[]): Quantum {
  let at = behind
  if (codes.length < 2) return { illegalAt: at - 1 }
  if (codes.length === 2) {
    at = skipBreaks(input, at)
    if (at >= input.length) return { illegalAt: input.length }
    if (input[at] !== 61) return { illegalAt: at - 1 }
    at++
  }
  const [a = 0, b = 0, c = 0] = codes
  const bytes = [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2)].slice(0, codes.length - 1)
  return { bytes, end: skipBreaks(input, at), last: true }
}

function skipBreaks(input: Uint8Array, start: number): number {
  let at = start
  while (input[at] === 10 || input[at] === 13) at++
  return at
}
