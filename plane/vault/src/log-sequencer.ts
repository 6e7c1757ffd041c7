import { type CheckpointSigner, type GrowingTree, grow, leafData, leafHash, rootOf } from '@headgate/crypto'
import type { Row } from '@headgate/model'
import type { AuditRow, Protection, Sequencer, UnsequencedAudit } from '@headgate/store'

/** Signed checkpoints closer together than this replace each other, in milliseconds; the others are kept for good. */
const KEEP_INTERVAL = 60_000

/** The part of an audit record its leaf commits to: all that never changes. The seal may be renewed, the place is the leaf's own. */
const leafColumns = ['change', 'time', 'organisation', 'actor', 'actor_name', 'action', 'resource', 'outcome', 'digest'] as const

/** The leaf hash of an audit record. */
export function auditLeaf(record: Pick<AuditRow, (typeof leafColumns)[number]>): Uint8Array {
  const columns: Row = Object.fromEntries(leafColumns.map((column) => [column, record[column]]))
  return leafHash(leafData(columns))
}

export interface LogSequencer extends Sequencer {
  size(): number
  /** The newest signed checkpoint; undefined before the first record. */
  note(): string | undefined
}

export interface SequencerOptions {
  readonly tree: GrowingTree
  readonly note: string | undefined
  readonly protection: Protection
  readonly signer: CheckpointSigner
  readonly now: () => number
  /** Told of each checkpoint once the records below it are durable. */
  readonly onSettled: (note: string) => void
}

/** What a batch would make of the log; taken over when it is durable, forgotten when it is not. */
interface LogState {
  readonly tree: GrowingTree
  readonly note: string | undefined
  /** When the last checkpoint that stays was signed. */
  readonly keptAt: number
  /** The last checkpoint's size, where the next may replace it. */
  readonly passing: number | undefined
}

/**
 * Gives audit records their leaves, in the order of the batch, and signs the log's new size and root with every
 * batch: a signed checkpoint covers every record from the moment it is durable.
 */
export function createLogSequencer(options: SequencerOptions): LogSequencer {
  const { protection, signer, now, onSettled } = options
  let settled: LogState = { tree: options.tree, note: options.note, keptAt: 0, passing: undefined }
  let pending: LogState | undefined

  return {
    extend(records) {
      const first = settled.tree.frontier.size
      const grown = grow(settled.tree, records.map(auditLeaf))
      const { frontier } = grown.tree
      const time = now()
      const note = signer.sign({ origin: signer.name, size: frontier.size, root: rootOf(frontier) })
      const stays = time - settled.keptAt >= KEEP_INTERVAL
      pending = { tree: grown.tree, note, keptAt: stays ? time : settled.keptAt, passing: stays ? undefined : frontier.size }
      return {
        records: records.map((record, n) => sequenced(record, first + n, protection)),
        tiles: grown.tiles,
        checkpoint: { size: frontier.size, time, note },
        replaces: settled.passing,
      }
    },
    settled() {
      if (!pending) throw new Error('nothing was extended')
      settled = pending
      pending = undefined
      if (settled.note !== undefined) onSettled(settled.note)
    },
    undone() {
      pending = undefined
    },
    size: () => settled.tree.frontier.size,
    note: () => settled.note,
  }
}

function sequenced(record: UnsequencedAudit, leaf: number, protection: Protection): AuditRow {
  const row = { ...record, leaf }
  return { ...row, mac: protection.mac('audit', row) }
}
