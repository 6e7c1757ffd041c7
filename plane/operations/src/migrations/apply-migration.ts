import { randomUUID } from 'node:crypto'
import { type Diagnostic, type Expectation, type Result, type Write, idOf, ok, refuse, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import type { Input } from '@headgate/contract'
import { insert } from '@headgate/store'
import { requirePermission } from '../access/authorise.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import { draftEnvironment, projectWrites } from '../environments/new-environment.ts'
import { sealDocument } from '../environments/seal-document.ts'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { type MigrationContent, type WrittenEnvironment, migrationAnswer, sealMigration } from './migration-record.ts'

type Target = Input<'applyMigration'>['body']['environments'][number]

/** One environment of the migration, ready to be written. */
interface Prepared {
  readonly written: WrittenEnvironment
  readonly expect: readonly Expectation[]
  readonly writes: readonly Write[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Writes the environments of a planned `.env` migration and the migration's own record as one Change: all or none. */
export const applyMigration: UseCase<'applyMigration'> = async (plane, caller, { body }) => {
  const pending = new Map(body.environments.map((target) => [shortName(target), target.text]))
  const prepared: Prepared[] = []
  for (const target of body.environments) {
    const result = await prepare(plane, caller, target, pending)
    if (!result.ok) return result
    prepared.push(result.value)
  }
  const id = idOf<'migration'>(randomUUID())
  const content: MigrationContent = { version: 1, sources: body.sources, environments: prepared.map(({ written }) => written) }
  const row = {
    id,
    organisation: plane.organisation.id,
    project: body.environments[0]?.project ?? '',
    state: 'applied' as const,
    author: caller.principal,
    created_at: plane.now(),
    rolled_back_at: null,
  }
  return ok({
    answer: { ...(await migrationAnswer(plane, row, content)), diagnostics: prepared.flatMap(({ diagnostics }) => diagnostics) },
    expect: prepared.flatMap(({ expect }) => expect),
    writes: [
      ...(await projectWrites(
        plane,
        body.environments.map(({ project }) => project),
      )),
      ...prepared.flatMap(({ writes }) => writes),
      insert('migrations', { ...row, sealed: sealMigration(plane, id, content) }),
    ],
    details: {
      migration: id,
      environments: prepared.map(({ written }) => `${written.project}/${written.environment}@${written.revision}`),
    },
  })
}

async function prepare(plane: Plane, caller: Caller, target: Target, pending: ReadonlyMap<string, string>): Promise<Result<Prepared>> {
  const { text, expected, ...name } = target
  const allowed = requirePermission(plane, caller, 'write', environmentResource(name))
  if (!allowed.ok) return allowed
  const by = { author: caller.principal, time: plane.now() }
  const existing = await findEnvironment(plane, name)
  if (existing.ok && existing.value.head_revision !== expected) {
    return refuse('REVISION_CONFLICT', { environment: shortName(name), expected, actual: existing.value.head_revision })
  }
  if (!existing.ok && expected !== 0) return existing
  const row = existing.ok ? existing : await draftEnvironment(plane, name)
  if (!row.ok) return row
  const sealed = await sealDocument(plane, caller, row.value, text, pending)
  if (!sealed.ok) return sealed
  const { revision, writes } = existing.ok
    ? plane.vault.newRevision(existing.value, sealed.value.text, by)
    : plane.vault.newEnvironment(row.value, sealed.value.text, by)
  return ok({
    written: { id: row.value.id, ...name, before: expected, revision: revision.number },
    expect: existing.ok ? [{ kind: 'head' as const, environment: row.value.id, revision: expected, name: shortName(name) }] : [],
    writes: [...writes, ...sealed.value.records],
    diagnostics: sealed.value.diagnostics,
  })
}
