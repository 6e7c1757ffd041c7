import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Secret } from '@headgate/model'
import { type Database, openDatabase, openMemoryDatabase } from '@headgate/store'
import { postgresDatabase } from '../postgres-kit.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** What the planes of a test file keep their data in. `on-postgres.test.ts` runs the suites a second time with the other. */
let dialect: 'sqlite' | 'postgres' = 'sqlite'

export function usePostgres(): void {
  dialect = 'postgres'
}

/** A new empty database of the dialect whose turn it is; or one more node of a PostgreSQL database that is known. */
export async function testDatabase(context: TestContext, known?: Secret): Promise<Database> {
  if (dialect === 'sqlite' && !known) return openMemoryDatabase()
  return openDatabase({ folder: join(temporaryFolder(context), 'data'), address: known ?? (await postgresDatabase(context)) })
}
