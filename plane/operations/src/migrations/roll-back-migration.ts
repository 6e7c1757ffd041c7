import { type EnvironmentName, type Expectation, type Result, type Write, idOf, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { update } from '@headgate/store'
import { requirePermission } from '../access/authorise.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import { refuseProtected } from '../environments/environment-settings.ts'
import { textOf } from '../environments/import-closure.ts'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { type WrittenEnvironment, migrationAnswer, openMigration } from './migration-record.ts'

/**
 * Puts every environment of a migration back, as one Change. One that existed gets a new revision with the text it had
 * (the same sealed records, nothing is sealed anew); one that the migration made is deleted and can be restored.
 */
export const rollBackMigration: UseCase<'rollBackMigration'> = async (plane, caller, { params, body }) => {
  const row = await plane.store.migrations.get(idOf<'migration'>(params.migration))
  if (!row || row.organisation !== plane.organisation.id) return refuse('MIGRATION_NOT_FOUND', { migration: params.migration })
  if (row.state === 'rolled-back') return refuse('MIGRATION_ROLLED_BACK', { migration: params.migration })
  const content = openMigration(plane, row)
  const changed = body.force === true ? [] : await changedSince(plane, content.environments)
  if (changed.length > 0) return refuse('MIGRATION_OVERWRITTEN', { environments: changed.join(', '), migration: params.migration })
  const expect: Expectation[] = []
  const writes: Write[] = []
  for (const written of content.environments) {
    const result = await putBack(plane, caller, written)
    if (!result.ok) return result
    expect.push(...result.value.expect)
    writes.push(...result.value.writes)
  }
  const rolledBack = { state: 'rolled-back' as const, rolled_back_at: plane.now() }
  return ok({
    answer: await migrationAnswer(plane, { ...row, ...rolledBack }, content),
    expect,
    writes: [...writes, update('migrations', row, rolledBack)],
    details: { migration: row.id, environments: content.environments.map((written) => `${written.project}/${written.environment}`) },
  })
}

async function changedSince(plane: Plane, environments: readonly WrittenEnvironment[]): Promise<string[]> {
  const rows = await Promise.all(
    environments.map(async (written) => ({ written, row: await findEnvironment(plane, nameOfWritten(written)) })),
  )
  return rows
    .filter(({ written, row }) => row.ok && row.value.head_revision !== written.revision)
    .map(({ written }) => shortName(nameOfWritten(written)))
}

async function putBack(
  plane: Plane,
  caller: Caller,
  written: WrittenEnvironment,
): Promise<Result<{ expect: Expectation[]; writes: readonly Write[] }>> {
  const name = nameOfWritten(written)
  const allowed = requirePermission(plane, caller, written.before === 0 ? 'delete' : 'write', environmentResource(name))
  if (!allowed.ok) return allowed
  const found = await findEnvironment(plane, name)
  // Deleted since: for an environment the migration made, that is where it was to come to.
  if (!found.ok) return written.before === 0 ? ok({ expect: [], writes: [] }) : found
  const environment = found.value
  const expect: Expectation[] = [{ kind: 'head', environment: environment.id, revision: environment.head_revision, name: shortName(name) }]
  const refused = written.before === 0 ? await refuseProtected(plane, environment) : undefined
  if (refused) return refused
  if (written.before === 0) return ok({ expect, writes: [update('environments', environment, { deleted_at: plane.now() })] })
  const before = await plane.store.revisions.get(environment.id, written.before)
  if (!before) return refuse('REVISION_NOT_FOUND', { environment: shortName(name), revision: written.before })
  const { writes } = plane.vault.newRevision(environment, textOf(plane, environment, before), {
    author: caller.principal,
    time: plane.now(),
  })
  return ok({ expect, writes })
}

function nameOfWritten({ organisation, project, environment }: WrittenEnvironment): EnvironmentName {
  return { organisation, project, environment }
}
