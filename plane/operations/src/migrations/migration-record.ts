import { HeadgateError, type MigrationId } from '@headgate/model'
import type { MigrationRow } from '@headgate/store'
import type { Plane } from '../plane.ts'

/** One environment a migration wrote. `before` is 0 where the migration made the environment. */
export interface WrittenEnvironment {
  readonly id: string
  readonly organisation: string
  readonly project: string
  readonly environment: string
  readonly before: number
  readonly revision: number
}

/** What a migration keeps of itself besides its row: names and numbers, never values. */
export interface MigrationContent {
  readonly version: 1
  readonly sources: readonly string[]
  readonly environments: readonly WrittenEnvironment[]
}

export function sealMigration(plane: Plane, id: MigrationId, content: MigrationContent): Uint8Array {
  return plane.vault.sealDocument(plane.organisation.id, 'migration', id, new TextEncoder().encode(JSON.stringify(content)))
}

export function openMigration(plane: Plane, row: MigrationRow): MigrationContent {
  const bytes = plane.vault.openDocument(row.organisation, 'migration', row.id, row.sealed)
  const content = JSON.parse(new TextDecoder().decode(bytes)) as { version: number }
  if (content.version !== 1) throw new HeadgateError('SEAL_UNKNOWN', { what: `the migration ${row.id}`, version: content.version })
  return content as MigrationContent
}

/** A migration as every route about migrations shows it. */
export async function migrationAnswer(plane: Plane, row: Omit<MigrationRow, 'change' | 'mac' | 'sealed'>, content: MigrationContent) {
  const author = await plane.store.principals.get(row.author)
  return {
    migration: row.id,
    created: row.created_at,
    author: author?.name ?? row.author,
    sources: [...content.sources],
    environments: content.environments.map(({ id: _, ...written }) => written),
    state: row.state,
    ...(row.rolled_back_at === null ? {} : { rolledBack: row.rolled_back_at }),
  }
}
