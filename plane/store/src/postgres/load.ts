import { HeadgateError, type Row, type Secret } from '@headgate/model'
import type { Snapshot } from '../database.ts'
import { migrate } from '../migrate.ts'
import { migrationList } from '../schema/registry.ts'
import { openSnapshot } from '../sqlite/open.ts'
import { readAddress } from './address.ts'
import { clientConfig, connect, defaultLimits, end } from './connect.ts'
import { copyRows } from './copy.ts'
import { connectionOn, openingFailure, postgresSchema } from './open.ts'
import { examineServer } from './server.ts'
import { snapshotOn } from './snapshot.ts'
import { LOCK_CLASS } from './write-connection.ts'

export interface LoadOptions {
  readonly address: Secret
  /** A SQLite file, as `copyTo` makes it. */
  readonly file: string
  /** Shown what is about to be committed. Whatever it throws, nothing is. */
  readonly check: (loaded: Snapshot) => Promise<void>
}

/**
 * Fills an empty PostgreSQL database from a file, all of it in one transaction or nothing.
 *
 * @throws RESTORE_NOT_EMPTY where the database has tables of Headgate already; what `openDatabase` throws
 */
export async function loadDatabase({ address, file, check }: LoadOptions): Promise<void> {
  const { place } = readAddress(address)
  const client = await connect(clientConfig(address, 'snapshot', defaultLimits)).catch((error: unknown) => {
    throw openingFailure(error, place)
  })
  const source = openSnapshot(file)
  try {
    await examineServer(client, place)
    await client.query(`begin; select pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(current_schema()))`)
    const found = await client.query<Row>(`select to_regclass('"schema_history"') is not null as "found"`)
    if (found.rows[0]?.['found']) throw new HeadgateError('RESTORE_NOT_EMPTY', { folder: place })
    const connection = connectionOn(client)
    await migrate(connection, postgresSchema, migrationList, place)
    await copyRows(source, connection)
    const query = async (text: string, values: readonly unknown[] = []) => (await client.query<Row>(text, [...values])).rows
    await check(snapshotOn(query, async () => undefined))
    await client.query('commit')
  } catch (error) {
    throw openingFailure(error, place)
  } finally {
    await source.close()
    end(client)
  }
}

/** @throws RESTORE_NOT_EMPTY where there is something already; DATABASE_UNREACHABLE, DATABASE_ADDRESS_INVALID */
export async function refuseUsedDatabase(address: Secret): Promise<void> {
  const { place } = readAddress(address)
  try {
    const client = await connect(clientConfig(address, 'read', defaultLimits))
    try {
      const found = await client.query<Row>(`select to_regclass('"schema_history"') is not null as "found"`)
      if (found.rows[0]?.['found']) throw new HeadgateError('RESTORE_NOT_EMPTY', { folder: place })
    } finally {
      end(client)
    }
  } catch (error) {
    throw openingFailure(error, place)
  }
}
