import { type CheckpointSigner, type GrowingTree, auditLeafHash, equalBytes, grow, openCheckpoint, rootOf } from '@headgate/crypto'
import { HeadgateError, type Row } from '@headgate/model'
import type { AuditRow, Protection, Sequencer, UnsequencedAudit } from '@headgate/store'

/** Of the signed checkpoints of one minute the newest is kept for good. By the clock, so that it holds whoever signs. */
const KEEP_INTERVAL = 60_000

export interface LogSequencer extends Sequencer {
  /** The newest signed checkpoint; undefined before the first record. */
  note(): string | undefined
}

export interface SequencerOptions {
  readonly tree: GrowingTree
  readonly note: string | undefined
  /** What the database is called in messages. */
  readonly place: string
  readonly protection: Protection
  /** Gets the keys other processes have made, rolled and rotated. */
  readonly refreshKeys?: () => Promise<void>
  readonly signer: CheckpointSigner
  readonly now: () => number
  /** Told of each checkpoint once the records below it are durable. */
  readonly onSettled: (note: string) => void
}

/** What a batch would make of the log; taken over when it is durable, forgotten when it is not. */
interface LogState {
  readonly tree: GrowingTree
  readonly note: string | undefined
  /** The newest checkpoint, which the next replaces if it is of the same minute. */
  readonly newest: { readonly size: number; readonly minute: number } | undefined
}

/**
 * Gives audit records their leaves, in the order of the batch, and signs the log's new size and root with every
 * batch: a signed checkpoint covers every record from the moment it is durable.
 */
export function createLogSequencer(options: SequencerOptions): LogSequencer {
  const { protection, signer, now, onSettled } = options
  let settled: LogState = { tree: options.tree, note: options.note, newest: undefined }
  let pending: LogState | undefined

  return {
    extend(records) {
      const first = settled.tree.frontier.size
      const grown = grow(settled.tree, records.map(auditLeafHash))
      const { frontier } = grown.tree
      const time = now()
      const note = signer.sign({ origin: signer.name, size: frontier.size, root: rootOf(frontier) })
      const minute = Math.floor(time / KEEP_INTERVAL)
      const { newest } = settled
      pending = { tree: grown.tree, note, newest: { size: frontier.size, minute } }
      return {
        records: records.map((record, n) => sequenced(record, first + n, protection)),
        tiles: grown.tiles,
        checkpoint: { size: frontier.size, time, note },
        replaces: newest?.minute === minute ? newest.size : undefined,
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
    async follow(records, { note, time }) {
      await protection.fetchKeys?.('audit', records as unknown as readonly Row[])
      if (records.some(({ action }) => action.startsWith('key'))) await options.refreshKeys?.()
      for (const record of records) protection.check('audit', record as unknown as Row)
      const { tree } = grow(settled.tree, records.map(auditLeafHash))
      const { frontier } = tree
      const checkpoint = openCheckpoint(note, signer.name, signer.publicKey)
      if (checkpoint?.size !== frontier.size || !equalBytes(checkpoint.root, rootOf(frontier)))
        throw new HeadgateError('LOG_DIVERGED', { folder: options.place, place: 'the database' })
      settled = { tree, note, newest: { size: frontier.size, minute: Math.floor(time / KEEP_INTERVAL) } }
      onSettled(note)
    },
    size: () => settled.tree.frontier.size,
    note: () => settled.note,
  }
}

function sequenced(record: UnsequencedAudit, leaf: number, protection: Protection): AuditRow {
  const { change, time, organisation, actor, actor_name, action, resource, outcome, digest, sealed } = record
  const row: Row & Omit<AuditRow, 'mac'> = {
    change,
    leaf,
    time,
    organisation,
    actor,
    actor_name,
    action,
    resource,
    outcome,
    digest,
    sealed,
  }
  return { ...row, mac: protection.mac('audit', row) }
}
