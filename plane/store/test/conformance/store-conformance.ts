import { type TestContext, test } from 'node:test'
import type { Database } from '@headgate/store'
import { logCases } from './log-and-leases.ts'
import { startStore } from './plain-store.ts'
import { readCases } from './reads.ts'
import { writeCases } from './writes.ts'

/**
 * What every dialect must do, on a real database. A new behaviour is an entry in one of the case files; a new dialect
 * is one call of this.
 */
export function storeConformance(dialect: string, openDatabase: (t: TestContext) => Promise<Database>): void {
  for (const [behaviour, show] of Object.entries({ ...writeCases, ...readCases, ...logCases })) {
    void test(`${dialect}: ${behaviour}`, async (t) => {
      const opened = await startStore(await openDatabase(t))
      try {
        await show(opened)
      } finally {
        await opened.close()
      }
    })
  }
}
