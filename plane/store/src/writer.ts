import { HeadgateError, type Problem } from '@headgate/model'
import { insertRows } from './apply-change.ts'
import type { Connection, DatabaseFault } from './connection.ts'
import type { Sequencer, UnsequencedAudit } from './protection.ts'
import { tables } from './schema/registry.ts'

/** One thing to do inside a batch's transaction. Its answer decides whether the rest of it counts. */
export interface Task {
  /** Makes the writes; a problem undoes them, an exception undoes the whole batch. */
  readonly apply: (connection: Connection) => Promise<Problem | undefined>
  /** Whether `apply` writes anything, and so needs a savepoint of its own. */
  readonly writes: boolean
  /** The record that is committed with it; absent for the few unprotected writes. */
  readonly audit?: UnsequencedAudit
}

export interface Writer {
  /** Resolves when the task is durable, or with the problem that kept it from being done. */
  submit(task: Task): Promise<Problem | undefined>
  statistics(): { readonly changes: number; readonly commits: number }
  /** Waits for what is queued. Whatever comes later is refused with STORE_CLOSED. */
  close(): Promise<void>
}

interface Queued extends Task {
  readonly resolve: (problem: Problem | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Tasks in one transaction at most, so that the first of a flood does not wait for the last. */
const BATCH_LIMIT = 512

/**
 * The one writer of a database: group commit.
 *
 * Everything submitted while a commit is on its way to the disk goes into the next one, so the cost of making it
 * durable is shared. Each task has a savepoint of its own: a conflict undoes that task alone. Trouble with the disk
 * rejects the whole batch with STORE_UNAVAILABLE, nothing of it is kept, and the next batch starts afresh.
 */
export function createWriter(connection: Connection, sequencer: Sequencer, faultOf: (error: unknown) => DatabaseFault): Writer {
  let queue: Queued[] = []
  let running: Promise<void> | undefined
  let closed = false
  let changes = 0
  let commits = 0

  /** One macrotask later, so that everything the event loop has ready now is in the first batch too. */
  const start = () => {
    running = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      while (queue.length > 0) {
        const batch = queue.slice(0, BATCH_LIMIT)
        queue = queue.slice(BATCH_LIMIT)
        await commit(batch)
        // Lets the sockets be read: what arrived during the commit belongs into the next batch.
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      running = undefined
    })
  }

  const commit = async (batch: readonly Queued[]) => {
    let outcomes: (Problem | undefined)[]
    try {
      outcomes = await inTransaction(connection, sequencer, batch)
    } catch (error) {
      const fault = faultOf(error)
      const failure = fault.kind === 'other' ? error : new HeadgateError('STORE_UNAVAILABLE', { reason: fault.reason }, { cause: error })
      for (const task of batch) task.reject(failure)
      return
    }
    commits += 1
    changes += outcomes.filter((problem) => problem === undefined).length
    for (const [n, task] of batch.entries()) task.resolve(outcomes[n])
  }

  return {
    submit(task) {
      if (closed) return Promise.reject(new HeadgateError('STORE_CLOSED'))
      return new Promise((resolve, reject) => {
        queue.push({ ...task, resolve, reject })
        if (!running) start()
      })
    },
    statistics: () => ({ changes, commits }),
    async close() {
      closed = true
      await running
    },
  }
}

async function inTransaction(connection: Connection, sequencer: Sequencer, batch: readonly Task[]): Promise<(Problem | undefined)[]> {
  let extended = false
  try {
    await connection.run('begin')
    const outcomes: (Problem | undefined)[] = []
    for (const task of batch) outcomes.push(await runTask(connection, task))
    const records = batch.flatMap((task, n) => (outcomes[n] === undefined && task.audit ? [task.audit] : []))
    if (records.length > 0) {
      extended = true
      await extendLog(connection, sequencer, records)
    }
    await connection.run('commit')
    if (extended) sequencer.settled()
    return outcomes
  } catch (error) {
    if (extended) sequencer.undone()
    if (connection.inTransaction()) await connection.run('rollback').catch(() => undefined)
    throw error
  }
}

async function runTask(connection: Connection, task: Task): Promise<Problem | undefined> {
  if (!task.writes) return task.apply(connection)
  await connection.run('savepoint task')
  const problem = await task.apply(connection)
  if (problem) await connection.run('rollback to task')
  await connection.run('release task')
  return problem
}

async function extendLog(connection: Connection, sequencer: Sequencer, records: readonly UnsequencedAudit[]): Promise<void> {
  const extension = sequencer.extend(records)
  await insertRows(connection, tables.audit, extension.records)
  await insertRows(connection, tables.audit_tiles, extension.tiles)
  if (extension.replaces !== undefined)
    await connection.run(`delete from "checkpoints" where "size" = ${connection.placeholder(1)}`, [extension.replaces])
  await insertRows(connection, tables.checkpoints, [extension.checkpoint])
}
