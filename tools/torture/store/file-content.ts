/** The bytes of a file that is written into, with room to grow in steps larger than a write. */
export class FileContent {
  #room: Buffer
  #length: number

  constructor(bytes: Uint8Array) {
    this.#room = Buffer.from(bytes)
    this.#length = bytes.length
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length
    if (end > this.#length) this.resize(end)
    this.#room.set(bytes, offset)
  }

  /** What is added is zero, also where something stood before the content was cut. */
  resize(length: number): void {
    if (length > this.#room.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#room.length))
      this.#room.copy(larger, 0, 0, this.#length)
      this.#room = larger
    } else if (length > this.#length) this.#room.fill(0, this.#length, length)
    this.#length = length
  }

  /** A copy that can be written into without changing this one. */
  copy(): FileContent {
    return new FileContent(this.bytes())
  }

  /** What is in it now; valid until the next write. */
  bytes(): Buffer {
    return this.#room.subarray(0, this.#length)
  }
}
