/**
 * SQL behind one writer: every row Headgate keeps, on SQLite.
 *
 * Reads come by noun, and a protected row's MAC is checked before a caller sees it. Writes are Changes, committed in
 * durable batches together with their audit records. Of what the rows mean this package knows nothing: sealed
 * columns are bytes to it, and the keys stand elsewhere.
 */
export type { Connection, DatabaseFault } from './connection.ts'
export {
  DATABASE_FILE,
  type Database,
  type Snapshot,
  TEMPORARY_FOLDER,
  openDatabase,
  openMemoryDatabase,
  openSnapshot,
} from './database.ts'
export type { LogExtension, Protection, Sequencer, UnsequencedAudit } from './protection.ts'
export type { AuditFilter, AuditPage } from './queries/audit.ts'
export type * from './schema/access.ts'
export type * from './schema/audit.ts'
export type * from './schema/deployments.ts'
export type * from './schema/environments.ts'
export type * from './schema/instances.ts'
export type * from './schema/instance-pins.ts'
export type * from './schema/keys.ts'
export type * from './schema/migrations.ts'
export type * from './schema/organisations.ts'
export { type TableName, type Tables, tables } from './schema/registry.ts'
export type * from './schema/releases.ts'
export type * from './schema/settings.ts'
export { type AnyTable, type ColumnType, type Fields, type Protected, columnsOf } from './schema/table.ts'
export type { SealedChange } from './sealed-change.ts'
export { type Store, type StoreOptions, createStore } from './store.ts'
export { insert, remove, update, upsert } from './write.ts'
