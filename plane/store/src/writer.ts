import { type Cell, HeadgateError, type Problem, type Result, type Row, ok } from '@headgate/model'
import { applyChange, insertRows } from './apply-change.ts'
import { createBatchQueue } from './batch-queue.ts'
import type { Connection, DatabaseFault, LogHead, WriteConnection } from './connection.ts'
import { noticeOf } from './notice.ts'
import type { Sequencer } from './protection.ts'
import type { Reserve, ReserveUse } from './reserve.ts'
import type { AuditRow, CheckpointRow } from './schema/audit.ts'
import { tables } from './schema/registry.ts'
import type { SealChange, SealedChange } from './sealed-change.ts'

export interface Writer {
  /**
   * Resolves with the Change when it is durable, or with the problem that kept it from being done.
   *
   * @param use how much of the space kept for a full disk it may be recorded in; undefined: none
   */
  change(seal: SealChange, use?: ReserveUse): Promise<Result<SealedChange>>
  /** Something to be done on the connection while no transaction is open. */
  between(work: () => Promise<void>): Promise<void>
  /** A statement without an audit record. Answers how many rows it changed, once that is durable. */
  statement(sql: (connection: Connection) => string, parameters: readonly Cell[]): Promise<number>
  statistics(): { readonly changes: number; readonly commits: number }
  /** Waits for what is queued. Whatever comes later is refused with STORE_CLOSED. */
  close(): Promise<void>
}

export interface WriterOptions {
  readonly connection: WriteConnection
  readonly sequencer: Sequencer
  readonly faultOf: (error: unknown) => DatabaseFault
  /** What the database is called in messages. */
  readonly place: string
  readonly reserve?: Reserve | undefined
}

/** What became of one task of a batch: done, refused, or failed by itself. */
type Outcome =
  | { readonly change: SealedChange }
  | { readonly problem: Problem }
  | { readonly changed: number }
  | { readonly failure: unknown }

type Settled = Exclude<Outcome, { readonly failure: unknown }>

interface Queued {
  /** At once where nothing is to be asked of the database. */
  readonly run: (connection: WriteConnection, number: number) => Outcome | Promise<Outcome>
  readonly settle: (outcome: Outcome) => void
  /** Whether it may go on when the disk is full. */
  readonly whenFull: boolean
}

/** Tasks in one transaction at most, so that the first of a flood does not wait for the last. */
const BATCH_LIMIT = 512
/** How often a batch is tried whose connection or transaction was lost before its commit. */
const ATTEMPTS = 3

/**
 * The one writer of a database: group commit.
 *
 * Everything submitted while a commit is on its way to the disk goes into the next one, so the cost of making it
 * durable is shared. A Change gets its number inside the transaction, so numbers rise in the order of commits whoever
 * commits. Each has a savepoint of its own: a conflict undoes that Change alone. Trouble with the disk or the server
 * rejects the whole batch with STORE_UNAVAILABLE, nothing of it is kept, and the next batch starts afresh.
 */
export function createWriter({ connection, sequencer, faultOf, place, reserve }: WriterOptions): Writer {
  let closed = false
  const counted = { changes: 0, commits: 0 }

  const commit = async (batch: readonly Queued[]): Promise<void> => {
    let outcomes: readonly Outcome[]
    try {
      outcomes = await attempt(batch)
    } catch (failure) {
      const again = tellFailure(batch, failure)
      return again.length > 0 ? commit(again) : undefined
    }
    counted.commits += 1
    counted.changes += outcomes.filter((outcome) => 'change' in outcome).length
    for (const [n, task] of batch.entries()) task.settle(outcomes[n] as Outcome)
  }

  const attempt = async (batch: readonly Queued[]): Promise<readonly Outcome[]> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await inTransaction({ connection, sequencer, place }, batch)
      } catch (error) {
        const fault = faultOf(error)
        if (fault.kind === 'lost' && tried < ATTEMPTS) continue
        if (fault.kind === 'unavailable' && reserve?.release(fault.full === true)) throw new OutOfRoom(place, error)
        throw failureOf(error, fault)
      }
    }
  }

  const queue = createBatchQueue<Queued>(BATCH_LIMIT, commit)

  /** @param read what the caller is told of an outcome that is no failure */
  const submit = <T>(run: Queued['run'], whenFull: boolean, read: (outcome: Settled) => T): Promise<T> => {
    if (closed) return Promise.reject(new HeadgateError('STORE_CLOSED'))
    return new Promise((resolve, reject) => {
      queue.add({ run, whenFull, settle: (outcome) => ('failure' in outcome ? reject(asError(outcome.failure)) : resolve(read(outcome))) })
    })
  }

  return {
    change(seal, use) {
      if (reserve?.refuses(use)) return Promise.reject(new HeadgateError('STORE_FULL', { place }))
      return submit((open, number) => runChange(open, seal, number, faultOf), use !== undefined, resultOf)
    },
    statement(sql, parameters) {
      // Leases, settings and last uses are few rows that are written over and over; they take no room.
      const run: Queued['run'] = async (open) => ({ changed: await open.run(sql(open), parameters) })
      return submit(run, true, (outcome) => ('changed' in outcome ? outcome.changed : 0))
    },
    between: (work) => (closed ? Promise.reject(new HeadgateError('STORE_CLOSED')) : queue.between(work)),
    statistics: () => ({ ...counted }),
    async close() {
      closed = true
      await queue.idle()
    },
  }
}

/** A batch that found the disk full, and what those of it are told that may not use the space kept for that. */
class OutOfRoom extends Error {
  readonly problem: HeadgateError

  constructor(place: string, cause: unknown) {
    super('the disk is full')
    this.problem = new HeadgateError('STORE_FULL', { place }, { cause })
  }
}

/** Tells a batch that it failed. On a full disk, what may use the space kept for it is to be tried again in that space. */
function tellFailure(batch: readonly Queued[], failure: unknown): Queued[] {
  const full = failure instanceof OutOfRoom
  for (const task of batch) if (!full || !task.whenFull) task.settle({ failure: full ? failure.problem : failure })
  return full ? batch.filter(({ whenFull }) => whenFull) : []
}

function failureOf(error: unknown, { kind, reason }: DatabaseFault): unknown {
  if (kind === 'uncertain') return new HeadgateError('STORE_UNCERTAIN', { reason }, { cause: error })
  return kind === 'other' ? error : new HeadgateError('STORE_UNAVAILABLE', { reason }, { cause: error })
}

interface Place {
  readonly connection: WriteConnection
  readonly sequencer: Sequencer
  readonly place: string
}

async function inTransaction({ connection, sequencer, place }: Place, batch: readonly Queued[]): Promise<readonly Outcome[]> {
  let extended = false
  try {
    const head = await connection.begin()
    await catchUp(connection, sequencer, head, place)
    const outcomes: Outcome[] = []
    let number = head.change
    for (const task of batch) {
      const outcome = task.run(connection, (number += 1))
      outcomes.push(outcome instanceof Promise ? await outcome : outcome)
    }
    const done = outcomes.flatMap((outcome) => ('change' in outcome ? [outcome.change] : []))
    if (done.length > 0) {
      extended = true
      await extendLog(connection, sequencer, done)
    }
    await connection.commit(done.filter(({ writes }) => writes.length > 0).map(noticeOf))
    if (extended) sequencer.settled()
    return outcomes
  } catch (error) {
    if (extended) sequencer.undone()
    await connection.rollback()
    throw error
  }
}

/** Lets the sequencer know what other processes appended since its last batch. */
async function catchUp(connection: Connection, sequencer: Sequencer, { size }: LogHead, place: string): Promise<void> {
  const known = sequencer.size()
  if (size === known) return
  if (size < known) throw new HeadgateError('DATA_ROLLED_BACK', { folder: place, found: size, kept: known, anchor: 'this process' })
  const rows = await connection.all(`select * from "audit" where "leaf" >= ${connection.placeholder(1)} order by "leaf"`, [known])
  const checkpoints = await connection.all('select * from "checkpoints" order by "size" desc limit 1')
  await sequencer.follow(rows as readonly Row[] as unknown as AuditRow[], checkpoints[0] as unknown as CheckpointRow)
}

function runChange(
  connection: WriteConnection,
  seal: SealChange,
  number: number,
  faultOf: (error: unknown) => DatabaseFault,
): Outcome | Promise<Outcome> {
  let change: SealedChange
  try {
    change = seal(number)
  } catch (failure) {
    // A Change that cannot be sealed fails alone; nothing of it has been written.
    return { failure }
  }
  // Most are reads, which leave their record and nothing else.
  if (change.writes.length === 0 && change.expect.length === 0) return { change }
  return runSealed(connection, change, faultOf)
}

async function runSealed(connection: WriteConnection, change: SealedChange, faultOf: (error: unknown) => DatabaseFault): Promise<Outcome> {
  const { time } = change.audit
  if (change.writes.length === 0) {
    const conflict = await applyChange(connection, change, time, faultOf)
    return conflict ? { problem: conflict } : { change }
  }
  connection.queue('savepoint task')
  const problem = await applyChange(connection, change, time, faultOf)
  if (problem) await connection.run('rollback to task')
  connection.queue('release task')
  return problem ? { problem } : { change }
}

async function extendLog(connection: Connection, sequencer: Sequencer, done: readonly SealedChange[]): Promise<void> {
  const extension = sequencer.extend(done.map(({ audit }) => audit))
  await insertRows(connection, tables.audit, extension.records)
  await insertRows(connection, tables.audit_tiles, extension.tiles)
  if (extension.replaces !== undefined)
    await connection.run(`delete from "checkpoints" where "size" = ${connection.placeholder(1)}`, [extension.replaces])
  await insertRows(connection, tables.checkpoints, [extension.checkpoint])
}

/** A Change is done or refused; what was asked for as one is answered as nothing else. */
function resultOf(outcome: Settled): Result<SealedChange> {
  if ('change' in outcome) return ok(outcome.change)
  if ('problem' in outcome) return { ok: false, problem: outcome.problem }
  throw new Error('a Change was answered as something else')
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure))
}
