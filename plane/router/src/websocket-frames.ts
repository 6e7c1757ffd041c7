import { randomBytes } from 'node:crypto'

const OPCODE_CLOSE = 8
/** Two bytes, an extended length of up to eight, a mask of four. */
const LONGEST_HEAD = 14

/** Follows a stream of WebSocket frames without keeping them, to know where one ends: only there may a close frame be put in. */
export class FrameTracker {
  /** A close frame went by. */
  closeSeen = false
  readonly #head = Buffer.alloc(LONGEST_HEAD)
  #headLength = 0
  #payloadLeft = 0

  get atBoundary(): boolean {
    return this.#headLength === 0 && this.#payloadLeft === 0
  }

  /** Follows a whole chunk. */
  follow(chunk: Buffer): void {
    let offset = 0
    while (offset < chunk.length) offset = this.#step(chunk, offset)
  }

  /** Follows a chunk up to the first boundary, and says how much of it that was; all of it when the boundary is beyond. */
  followToBoundary(chunk: Buffer): number {
    let offset = 0
    while (offset < chunk.length && !this.atBoundary) offset = this.#step(chunk, offset)
    return offset
  }

  #step(chunk: Buffer, offset: number): number {
    if (this.#payloadLeft > 0) {
      const taken = Math.min(this.#payloadLeft, chunk.length - offset)
      this.#payloadLeft -= taken
      return offset + taken
    }
    this.#head[this.#headLength] = chunk[offset] as number
    this.#headLength += 1
    if (this.#headLength >= 2 && this.#headLength === this.#headSize()) this.#readHead()
    return offset + 1
  }

  #headSize(): number {
    const second = this.#head[1] as number
    const length = second & 0x7f
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
  }

  #readHead(): void {
    const length = (this.#head[1] as number) & 0x7f
    if (length === 126) this.#payloadLeft = this.#head.readUInt16BE(2)
    else if (length === 127) this.#payloadLeft = Number(this.#head.readBigUInt64BE(2))
    else this.#payloadLeft = length
    if (((this.#head[0] as number) & 0x0f) === OPCODE_CLOSE) this.closeSeen = true
    this.#headLength = 0
  }
}

/** A close frame as a server sends it, or, masked as the protocol demands, as a client does. */
export function closeFrame(code: number, reason: string, side: 'server' | 'client'): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code, 0)
  payload.write(reason, 2)
  const first = 0x80 | OPCODE_CLOSE
  if (side === 'server') return Buffer.concat([Buffer.from([first, payload.length]), payload])
  const mask = randomBytes(4)
  for (let index = 0; index < payload.length; index += 1) payload[index] = (payload[index] as number) ^ (mask[index % 4] as number)
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length]), mask, payload])
}
