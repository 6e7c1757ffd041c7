import { closeSync, openSync } from 'node:fs'
import type { Row } from '@headgate/model'
import { insertRows } from '../apply-change.ts'
import type { Connection } from '../connection.ts'
import type { Snapshot } from '../database.ts'
import { quoted } from '../schema/migration.ts'
import { tables } from '../schema/registry.ts'
import type { AnyTable } from '../schema/table.ts'
import { openConnection } from '../sqlite/connection.ts'
import { migrateFile } from '../sqlite/open.ts'

/** Rows held at once. */
const STRIDE = 500

/** Writes one consistent state of a database into a new SQLite file: the form of back-ups, whatever they are taken from. */
export async function copyToSqlite(takeSnapshot: () => Promise<Snapshot>, file: string): Promise<void> {
  closeSync(openSync(file, 'wx', 0o600))
  const copy = openConnection(file, 'write')
  try {
    await migrateFile(copy, file)
    const snapshot = await takeSnapshot()
    try {
      copy.raw.exec('pragma synchronous = off')
      copy.raw.exec('begin')
      await copyRows(snapshot, copy)
      copy.raw.exec('commit')
      copy.raw.exec('pragma wal_checkpoint(truncate)')
      // One file, with nothing beside it, as SQLite's own back-up makes it.
      copy.raw.exec('pragma journal_mode = delete')
    } finally {
      await snapshot.close()
    }
  } finally {
    copy.close()
  }
}

/** Every row of every table, those that others refer to first. */
export async function copyRows(from: Snapshot, to: Connection): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of Object.values<AnyTable>(tables)) {
    let waiting: Row[] = []
    let count = 0
    const write = async () => {
      await insertRows(to, table, waiting)
      count += waiting.length
      waiting = []
    }
    for await (const row of from.each(`select * from ${quoted(table.name)}`)) {
      waiting.push(row)
      if (waiting.length >= STRIDE) await write()
    }
    await write()
    counts[table.name] = count
  }
  return counts
}
