import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4_096
const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let used = POOL_BYTES

/**
 * Bytes from the system's generator, drawn in blocks because asking for each salt by itself costs more than sealing
 * with it. Every byte is handed out once and wiped from the block.
 *
 * @param length at most 4,096
 */
export function freshRandom(length: number): Uint8Array {
  if (used + length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + length))
  pool.fill(0, used, used + length)
  used += length
  return bytes
}
