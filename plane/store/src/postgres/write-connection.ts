import { setTimeout as sleep } from 'node:timers/promises'
import type { Cell, CommitNotice, Row } from '@headgate/model'
import type pg from 'pg'
import type { LogHead, WriteConnection } from '../connection.ts'
import { type Lost, end } from './connect.ts'
import { CommitUncertain, ConnectionLost, ServerSilent, postgresFault } from './fault.ts'
import { type Channel, notify } from './notices.ts'
import { statementNames } from './statement-names.ts'

export interface WriteConnectionOptions {
  /** A client for the writer; `lost` is called when it is gone. */
  readonly connect: (lost: Lost) => Promise<pg.Client>
  readonly channel: Channel
  /** How long the server may take to answer, in milliseconds. */
  readonly answer: number
  /** How long to go on asking what became of a commit, in milliseconds. */
  readonly patience: number
}

/** Of the lock below: its first half says whose it is, the second which schema of the database. */
export const LOCK_CLASS = 0x48474154

/**
 * Waits for the turn of this process among all that write to this database. The lock ends with the transaction however
 * that ends, and the server ends one that stands still, so a process that was stopped or cut off cannot hold it.
 */
const BEGIN = `begin;
select pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(current_schema()));
select (select max("change") from "audit") as "change", (select max("leaf") from "audit") as "leaf",
  pg_current_xact_id()::text as "transaction", pg_backend_pid() as "backend"`

/** An open transaction: where, and what the server calls it. */
interface Transaction {
  readonly client: pg.Client
  readonly id: string
  readonly backend: number
}

/** Between two questions what became of a commit, in milliseconds. */
const ASK_AGAIN = 200

/** The writer's connection: made when it is first needed, and made again after it was lost. */
export class PostgresWriteConnection implements WriteConnection {
  readonly rowsPerInsert = 500
  readonly #options: WriteConnectionOptions
  readonly #named = statementNames()
  #client: pg.Client | undefined
  #transaction: Transaction | undefined
  /** Statements on their way that nobody waits for yet. Answers come in order, so a later one has brought theirs. */
  #queued: Promise<unknown>[] = []

  constructor(options: WriteConnectionOptions) {
    this.#options = options
  }

  readonly run = async (sql: string, parameters?: readonly Cell[]): Promise<number> => (await this.#query(sql, parameters)).rowCount ?? 0

  readonly all = async (sql: string, parameters?: readonly Cell[]): Promise<Row[]> => (await this.#query(sql, parameters)).rows

  readonly script = async (sql: string): Promise<void> => {
    const used = await this.#current()
    await this.#answered(used, used.query(sql))
  }

  readonly placeholder = (n: number): string => `$${n}`

  readonly queue = (sql: string): void => {
    const client = this.#client
    const sent =
      client && client === this.#transaction?.client
        ? this.#answered(client, client.query<Row>(this.#named(sql)))
        : Promise.reject(new ConnectionLost())
    sent.catch(() => undefined)
    this.#queued.push(sent)
  }

  /** On a new connection once, where the old one turns out to be dead: nothing has been done yet. */
  readonly begin = async (): Promise<LogHead> => {
    const used = await this.#live()
    try {
      return await this.#beginOn(used)
    } catch (error) {
      if (this.#client === used || error instanceof ServerSilent) throw error
      return this.#beginOn(await this.#live())
    }
  }

  readonly commit = async (notices: readonly CommitNotice[]): Promise<void> => {
    const open = this.#transaction
    if (!open) throw new Error('there is no transaction to commit')
    const used = await this.#current()
    await this.#settleQueued()
    let results: pg.QueryResult[]
    try {
      results = [await this.#answered(used, used.query(`${notify(this.#options.channel, notices)}commit`))].flat()
    } catch (error) {
      if (!isBroken(error)) throw error
      return await this.#becameOf(open, error)
    } finally {
      this.#transaction = undefined
    }
    // A transaction in which something failed answers a commit by taking everything back.
    if (results.at(-1)?.command !== 'COMMIT') throw new Error('the transaction had failed before its commit')
  }

  readonly rollback = async (): Promise<void> => {
    // One that failed to begin is open on the server all the same.
    const used = this.#transaction ? this.#transaction.client : this.#client
    this.#transaction = undefined
    this.#queued = []
    if (!used || used !== this.#client) return
    await this.#answered(used, used.query('rollback')).catch(() => this.#drop(used))
  }

  readonly close = async (): Promise<void> => {
    const used = this.#client
    this.#client = undefined
    await used?.end().catch(() => undefined)
  }

  #drop(dropped: pg.Client): void {
    if (this.#client === dropped) this.#client = undefined
    end(dropped)
  }

  async #live(): Promise<pg.Client> {
    this.#client ??= await this.#options.connect((gone) => {
      if (this.#client === gone) this.#client = undefined
    })
    return this.#client
  }

  /** Inside a transaction its own client and no other: on a new one a statement would stand for itself, and stay. */
  async #current(): Promise<pg.Client> {
    if (!this.#transaction) return this.#live()
    if (this.#client !== this.#transaction.client) throw new ConnectionLost()
    return this.#transaction.client
  }

  async #query(sql: string, parameters: readonly Cell[] = []): Promise<pg.QueryResult<Row>> {
    const used = await this.#current()
    try {
      return await this.#answered(used, used.query<Row>({ ...this.#named(sql), values: [...parameters] }))
    } catch (error) {
      // What failed before it is the cause.
      await this.#settleQueued()
      throw error
    }
  }

  async #settleQueued(): Promise<void> {
    for (const each of this.#queued.splice(0)) await each
  }

  /** A connection that broke off, or on which an answer is overdue, is of no more use. */
  async #answered<T>(used: pg.Client, query: Promise<T>): Promise<T> {
    const overdue = Promise.withResolvers<never>()
    const timer = setTimeout(() => overdue.reject(new ServerSilent()), this.#options.answer)
    try {
      return await Promise.race([query, overdue.promise])
    } catch (error) {
      if (isBroken(error)) this.#drop(used)
      throw error
    } finally {
      clearTimeout(timer)
      query.catch(() => undefined)
    }
  }

  async #beginOn(used: pg.Client): Promise<LogHead> {
    const results = (await this.#answered(used, used.query(BEGIN))) as unknown as pg.QueryResult<Row>[]
    const head = results.at(-1)?.rows[0]
    this.#transaction = { client: used, id: String(head?.['transaction']), backend: Number(head?.['backend']) }
    const last = head?.['leaf'] ?? null
    return { change: Number(head?.['change'] ?? 0), size: last === null ? 0 : Number(last) + 1 }
  }

  /** What the server says of a transaction whose answer was lost: done, or as if it had never been. */
  async #becameOf({ id, backend }: Transaction, cause: unknown): Promise<void> {
    const until = Date.now() + this.#options.patience
    for (;;) {
      const status = await this.#ask(id, backend).catch(() => undefined)
      if (status === 'committed') return
      if (status === 'aborted') throw cause
      if (Date.now() >= until) throw new CommitUncertain('the database server could not be asked what became of it', { cause })
      await sleep(ASK_AGAIN)
    }
  }

  async #ask(id: string, backend: number): Promise<string | undefined> {
    const client = await this.#live()
    const { rows } = await this.#answered(
      client,
      client.query<{ status: string | null }>('select pg_xact_status($1::xid8) as "status"', [id]),
    )
    const status = rows[0]?.status
    // Still under way on a connection nobody listens to: ended, it is one or the other.
    if (status === 'in progress') await this.#answered(client, client.query('select pg_terminate_backend($1)', [backend]))
    return status ?? undefined
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof ServerSilent || postgresFault(error).kind === 'lost'
}
