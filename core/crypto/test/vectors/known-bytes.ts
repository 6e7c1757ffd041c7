import { createHash } from 'node:crypto'

/** Bytes that look random and are the same for everybody: SHA-256 of a name, counted on. For test vectors only. */
export function knownBytes(name: string, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let n = 0; n * 32 < length; n += 1) blocks.push(createHash('sha256').update(`headgate test vector ${name} ${n}`).digest())
  return Buffer.concat(blocks).subarray(0, length)
}

/** The bytes with one bit of one byte changed. */
export function flipped(bytes: Uint8Array, place: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[place < 0 ? bytes.length + place : place]! ^= 1
  return changed
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export interface VectorFile {
  /** What the vectors are of, as FORMAT.md calls it. */
  readonly format: string
  readonly accept: readonly Record<string, unknown>[]
  /** Each says in its name what is wrong with it. */
  readonly refuse: readonly Record<string, unknown>[]
}
