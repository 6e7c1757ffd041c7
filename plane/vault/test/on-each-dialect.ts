import { type TestContext, test } from 'node:test'
import { leaveOut } from '../../../test/left-out.ts'
import { postgresDatabase, postgresMissing } from '../../../test/postgres-kit.ts'
import { type Place, temporaryPlace } from './sealed-folder.ts'

/** A new place for a data folder, of the dialect whose turn it is. */
export type NewPlace = () => Promise<Place>

/** A behaviour that must be the same on every database, shown on each of them. */
export function onEachDialect(behaviour: string, show: (t: TestContext, newPlace: NewPlace) => Promise<void>): void {
  void test(`sqlite: ${behaviour}`, (t) => show(t, async () => temporaryPlace(t)))
  const missing = postgresMissing()
  if (missing !== undefined) leaveOut(`postgres: ${behaviour}`, missing)
  else void test(`postgres: ${behaviour}`, (t) => show(t, async () => ({ ...temporaryPlace(t), address: await postgresDatabase(t) })))
}
