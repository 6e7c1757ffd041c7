import type { Cell } from '@headgate/model'
import type { Connection } from './connection.ts'
import type { Writer } from './writer.ts'

/**
 * Writes to a table nothing is decided by (leases, settings, last uses), through the same writer but without an
 * audit record. Answers how many rows changed, once that is durable.
 */
export type UnauditedWrite = (statement: (connection: Connection) => string, parameters: readonly Cell[]) => Promise<number>

export function unauditedWrites(writer: Writer): UnauditedWrite {
  return async (statement, parameters) => {
    let changed = 0
    await writer.submit({
      writes: true,
      apply: async (connection) => {
        changed = await connection.run(statement(connection), parameters)
        return undefined
      },
    })
    return changed
  }
}
