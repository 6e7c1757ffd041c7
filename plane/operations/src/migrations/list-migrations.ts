import { ok } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { migrationAnswer, openMigration } from './migration-record.ts'

/** The migrations that were applied, newest first. */
export const listMigrations: UseCase<'listMigrations'> = async (plane) => {
  const rows = await plane.store.migrations.list(plane.organisation.id)
  return ok({ answer: { migrations: await Promise.all(rows.map((row) => migrationAnswer(plane, row, openMigration(plane, row)))) } })
}
