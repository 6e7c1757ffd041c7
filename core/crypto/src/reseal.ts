import { type SealContext, open, seal } from './seal.ts'
import type { SecretKey } from './secret-key.ts'

/** A sealed value that is to be under another key. */
export interface Resealing {
  readonly context: SealContext
  readonly sealed: Uint8Array
  readonly from: SecretKey
  readonly to: SecretKey
}

/**
 * The same value sealed for the same place under another key. What was open meanwhile is wiped.
 *
 * @throws SEAL_UNKNOWN, KEY_UNKNOWN, SEAL_TAMPERED as `open` does
 */
export function reseal({ context, sealed, from, to }: Resealing): Uint8Array {
  const plaintext = open((id) => (id === from.id ? from : undefined), context, sealed)
  try {
    return seal(to, context, plaintext)
  } finally {
    plaintext.fill(0)
  }
}
