/**
 * Builds the bytes that get hashed, authenticated or bound to a seal.
 *
 * Every field is either of fixed length or preceded by its length, and every encoding begins with a label of its
 * own, so no two different inputs, and no two different uses, give the same bytes.
 */
export class CanonicalEncoder {
  #buffer: Buffer
  #length = 0

  /**
   * @param label names the use and its version, as `headgate row 1`; ends with a zero byte in the encoding
   * @param room how much to begin with; or a buffer to write into, for bytes that are used up before the next are made
   */
  constructor(label: string, room: number | Buffer = 256) {
    this.#buffer = typeof room === 'number' ? Buffer.allocUnsafe(room) : room
    this.#length = this.#buffer.write(label, 'latin1')
    this.#buffer[this.#length++] = 0
  }

  /** One byte. */
  byte(value: number): this {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
    return this
  }

  /** A signed 64-bit integer, most significant byte first. @throws RangeError for what is no safe integer */
  integer(value: number): this {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer that can be kept exactly`)
    this.#reserve(8)
    const high = Math.floor(value / 2 ** 32)
    this.#buffer.writeInt32BE(high, this.#length)
    this.#buffer.writeUInt32BE(value - high * 2 ** 32, this.#length + 4)
    this.#length += 8
    return this
  }

  /** Text as UTF-8, its length in bytes before it. */
  text(value: string): this {
    // Three bytes per UTF-16 unit is the most UTF-8 needs.
    this.#reserve(4 + value.length * 3)
    const start = this.#length + 4
    const written = asciiInto(this.#buffer, start, value) ? value.length : this.#buffer.write(value, start, 'utf8')
    this.#length32(written)
    this.#length = start + written
    return this
  }

  /** Bytes, their number before them. */
  bytes(value: Uint8Array): this {
    this.#reserve(4 + value.length)
    this.#length32(value.length)
    this.#buffer.set(value, this.#length + 4)
    this.#length += 4 + value.length
    return this
  }

  /** Bytes of a length every reader knows. */
  fixed(value: Uint8Array): this {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
    return this
  }

  /** The length of what follows, without moving on: the most significant byte first. */
  #length32(value: number): void {
    const at = this.#length
    this.#buffer[at] = value >>> 24
    this.#buffer[at + 1] = value >>> 16
    this.#buffer[at + 2] = value >>> 8
    this.#buffer[at + 3] = value
  }

  /** What was encoded. The encoder must not be used afterwards: the bytes are its own. */
  end(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

/** Names and ids are short and ASCII; asking Node to write one costs more than writing it. */
const SHORT = 64

/** Writes a short text of ASCII characters alone; false, with nothing decided about the bytes, for any other. */
function asciiInto(buffer: Buffer, start: number, value: string): boolean {
  if (value.length > SHORT) return false
  for (let n = 0; n < value.length; n += 1) {
    const code = value.charCodeAt(n)
    if (code > 0x7f) return false
    buffer[start + n] = code
  }
  return true
}
