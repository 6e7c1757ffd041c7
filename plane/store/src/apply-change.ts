import { type Cell, type Expectation, type Problem, type Row, type Write, problemOf } from '@headgate/model'
import type { Connection, DatabaseFault } from './connection.ts'
import { quoted } from './schema/migration.ts'
import { type TableName, tables } from './schema/registry.ts'
import { type AnyTable, columnsOf } from './schema/table.ts'

/**
 * Checks a Change's expectations and makes its writes, inside an open transaction.
 *
 * @param faultOf tells a broken constraint, which is a conflict, from trouble, which is thrown on
 * @returns the conflict, or undefined when all is written; after a conflict the caller undoes what was written
 */
export async function applyChange(
  connection: Connection,
  change: { readonly expect: readonly Expectation[]; readonly writes: readonly Write[] },
  time: number,
  faultOf: (error: unknown) => DatabaseFault,
): Promise<Problem | undefined> {
  for (const expectation of change.expect) {
    const conflict = await checkExpectation(connection, expectation, time)
    if (conflict) return conflict
  }
  const together = connection.rowsPerInsert
  for (let start = 0; start < change.writes.length; start += together) {
    const conflict = await (together === 1
      ? applyWrite(connection, change.writes[start] as Write, faultOf)
      : applyWrites(connection, change.writes.slice(start, start + together), faultOf))
    if (conflict) return conflict
  }
  return undefined
}

/** Some writes, on their way together where there is a way: the first that goes wrong decides, what is behind it follows from it. */
async function applyWrites(
  connection: Connection,
  writes: readonly Write[],
  faultOf: (error: unknown) => DatabaseFault,
): Promise<Problem | undefined> {
  const [only] = writes
  if (only && writes.length === 1) return applyWrite(connection, only, faultOf)
  const answers = await Promise.allSettled(writes.map((write) => applyWrite(connection, write, faultOf)))
  for (const answer of answers) {
    if (answer.status === 'rejected') throw answer.reason
    if (answer.value) return answer.value
  }
  return undefined
}

async function checkExpectation(connection: Connection, expectation: Expectation, time: number): Promise<Problem | undefined> {
  switch (expectation.kind) {
    case 'head': {
      const row = await find(connection, 'environments', { id: expectation.environment })
      if (!row) return conflict(expectation.name, 'it is not there any more')
      const actual = Number(row['head_revision'])
      if (actual === expectation.revision) return undefined
      return problemOf('REVISION_CONFLICT', { environment: expectation.name, expected: expectation.revision, actual })
    }
    case 'tag': {
      const row = await find(connection, 'tags', { environment: expectation.environment, name: expectation.tag })
      if ((row ? Number(row['revision']) : null) === expectation.revision) return undefined
      return problemOf('TAG_CONFLICT', { environment: expectation.name, tag: expectation.tag })
    }
    case 'row': {
      const table = expectation.table as TableName
      // A row can be long, and all that is asked is whose it is.
      const row = await find(connection, table, expectation.key, tables[table].protected ? 'change' : tables[table].key[0])
      return rowConflict(expectation, row)
    }
    case 'lease': {
      const row = await find(connection, 'leases', { name: expectation.lease })
      const held = row && row['owner'] === expectation.owner && row['epoch'] === expectation.epoch && Number(row['expires_at']) > time
      return held ? undefined : conflict(expectation.lease, 'its lease was lost to another owner')
    }
  }
}

function rowConflict(expectation: Extract<Expectation, { kind: 'row' }>, row: Row | undefined): Problem | undefined {
  const { state, name } = expectation
  if (state === 'absent') return row ? conflict(name, 'it exists already') : undefined
  if (!row) return conflict(name, 'it is not there any more')
  return state === 'present' || row['change'] === state ? undefined : conflict(name, 'somebody else changed it')
}

function conflict(what: string, reason: string): Problem {
  return problemOf('CHANGE_CONFLICT', { what, reason })
}

async function find(connection: Connection, table: TableName, key: Row, column?: string): Promise<Row | undefined> {
  const names = Object.keys(key)
  const what = column === undefined ? '*' : quoted(column)
  const rows = await connection.all(`select ${what} from ${quoted(table)} where ${conditionOn(connection, names, 1)}`, Object.values(key))
  return rows[0]
}

async function applyWrite(connection: Connection, write: Write, faultOf: (error: unknown) => DatabaseFault): Promise<Problem | undefined> {
  const table = tables[write.table as TableName]
  const { sql, parameters } = statementOf(connection, table, write)
  try {
    if ((await connection.run(sql, parameters)) > 0) return undefined
    return conflict(describeKey(table, write.row), write.op === 'insert' ? 'it exists already' : 'somebody else changed it')
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind === 'constraint') return conflict(describeKey(table, write.row), fault.reason)
    throw error
  }
}

function describeKey(table: AnyTable, row: Row): string {
  return `${table.name} ${table.key.map((column) => String(row[column])).join('/')}`
}

/** A write as one statement. A write that finds nothing to do changes no row, which is how a conflict shows. */
function statementOf(connection: Connection, table: AnyTable, write: Write): { sql: string; parameters: readonly Cell[] } {
  const cells = (names: readonly string[]): Cell[] => names.map((name) => write.row[name] ?? null)
  const guard = 'was' in write && write.was !== undefined ? [write.was] : []
  const { sql, columns } = textOf(connection, table, write, guard.length > 0 ? 'guarded' : 'free')
  return { sql, parameters: [...cells(columns), ...guard] }
}

/** A statement, and the columns whose cells are its parameters, in their order; a guard comes behind them. */
interface Text {
  readonly sql: string
  readonly columns: readonly string[]
}

type Guard = 'guarded' | 'free'

/** There are few texts, and each is written many times over; a connection keeps its own. */
const texts = new WeakMap<Connection, Map<string, Text>>()

function textOf(connection: Connection, table: AnyTable, write: Pick<Write, 'op'> & { renews?: readonly string[] }, guard: Guard): Text {
  const known = textsOf(connection)
  const name = `${write.op} ${guard} ${table.name} ${write.renews?.join(' ') ?? '*'}`
  let text = known.get(name)
  if (text === undefined) known.set(name, (text = composeText(connection, table, write, guard)))
  return text
}

function textsOf(connection: Connection): Map<string, Text> {
  let known = texts.get(connection)
  if (!known) texts.set(connection, (known = new Map<string, Text>()))
  return known
}

function composeText(
  connection: Connection,
  table: AnyTable,
  { op, renews }: Pick<Write, 'op'> & { renews?: readonly string[] },
  guard: Guard,
): Text {
  const columns = columnsOf(table)
  const rest = columns.filter((column) => !table.key.includes(column))
  const guarded = guard === 'guarded' ? [...table.key, 'change'] : table.key
  switch (op) {
    case 'insert':
      return { sql: insertionOf(connection, table, 1), columns }
    case 'upsert': {
      const set = rest.map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
      const action = set.length === 0 ? 'do nothing' : `do update set ${set.join(', ')}`
      return { sql: `${valuesOf(connection, table, 1)} on conflict (${table.key.map(quoted).join(', ')}) ${action}`, columns }
    }
    case 'update': {
      // In the order of the table, `change` and `mac` always among them where it has them.
      const written = renews ? rest.filter((column) => renews.includes(column) || !(column in table.columns)) : rest
      const set = written.map((column, n) => `${quoted(column)} = ${connection.placeholder(n + 1)}`).join(', ')
      const where = conditionOn(connection, guarded, written.length + 1)
      return { sql: `update ${quoted(table.name)} set ${set} where ${where}`, columns: [...written, ...table.key] }
    }
    case 'delete':
      return { sql: `delete from ${quoted(table.name)} where ${conditionOn(connection, guarded, 1)}`, columns: table.key }
  }
}

function insertionOf(connection: Connection, table: AnyTable, rows: number): string {
  return `${valuesOf(connection, table, rows)} on conflict do nothing`
}

function valuesOf(connection: Connection, table: AnyTable, rows: number): string {
  const columns = columnsOf(table)
  const places = (row: number) => columns.map((_, n) => connection.placeholder(row * columns.length + n + 1)).join(', ')
  const values = Array.from({ length: rows }, (_, row) => `(${places(row)})`).join(', ')
  return `insert into ${quoted(table.name)} (${columns.map(quoted).join(', ')}) values ${values}`
}

/** Rows of one insert where a statement costs no way to a server: it still costs to be asked for, and to be waited for. */
const ROWS_AT_HAND = 16

/** Inserts rows that are known to be new: a clash is an exception. */
export async function insertRows(connection: Connection, table: AnyTable, rows: readonly object[]): Promise<void> {
  const columns = columnsOf(table)
  const most = Math.max(connection.rowsPerInsert, ROWS_AT_HAND)
  for (let start = 0; start < rows.length; start += most) {
    const end = Math.min(start + most, rows.length)
    const cells: Cell[] = []
    for (let n = start; n < end; n += 1) for (const column of columns) cells.push((rows[n] as Row)[column] ?? null)
    const inserted = await connection.run(textOfRows(connection, table, end - start), cells)
    if (inserted < end - start) throw new Error(`a row of ${table.name} that must be new is there already`)
  }
}

function textOfRows(connection: Connection, table: AnyTable, rows: number): string {
  if (rows === 1) return textOf(connection, table, { op: 'insert' }, 'free').sql
  if (rows > ROWS_AT_HAND) return insertionOf(connection, table, rows)
  const known = textsOf(connection)
  const name = `insert ${rows} ${table.name}`
  let text = known.get(name)
  if (text === undefined) known.set(name, (text = { sql: insertionOf(connection, table, rows), columns: columnsOf(table) }))
  return text.sql
}

function conditionOn(connection: Connection, columns: readonly string[], first: number): string {
  return columns.map((column, n) => `${quoted(column)} = ${connection.placeholder(first + n)}`).join(' and ')
}
