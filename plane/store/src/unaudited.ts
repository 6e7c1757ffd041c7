import type { Cell } from '@headgate/model'
import type { Connection } from './connection.ts'

/**
 * Writes to a table nothing is decided by (leases, settings, last uses), through the same writer but without an
 * audit record. Answers how many rows changed, once that is durable.
 */
export type UnauditedWrite = (statement: (connection: Connection) => string, parameters: readonly Cell[]) => Promise<number>
