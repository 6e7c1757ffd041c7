import type { Expectation, Write } from '@headgate/model'
import type { UnsequencedAudit } from './protection.ts'

/** Seals a Change once its number is known, which is inside the transaction that commits it. May be asked again for another number. */
export type SealChange = (number: number) => SealedChange

/**
 * A Change as the vault hands it over: numbered, every protected row with its `change` and `mac`, the details of the
 * audit record sealed.
 */
export interface SealedChange {
  readonly number: number
  readonly expect: readonly Expectation[]
  readonly writes: readonly Write[]
  readonly audit: UnsequencedAudit
}
