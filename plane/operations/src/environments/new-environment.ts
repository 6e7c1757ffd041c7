import { randomUUID } from 'node:crypto'
import { type EnvironmentName, type Result, type Write, idOf, nameProblem, ok, refuse } from '@headgate/model'
import { type EnvironmentRow, type Fields, insert } from '@headgate/store'
import type { Plane } from '../plane.ts'

/** A row for an environment that does not exist yet, its names checked; nothing is written by it. */
export async function draftEnvironment(plane: Plane, name: EnvironmentName): Promise<Result<Fields<EnvironmentRow>>> {
  if (name.organisation !== plane.organisation.name)
    return refuse('NAME_INVALID', {
      name: name.organisation,
      kind: 'an organisation',
      reason: `this plane has only ${plane.organisation.name}`,
    })
  for (const [kind, part] of [
    ['a project', name.project],
    ['an environment', name.environment],
  ] as const) {
    const problem = nameProblem(part)
    if (problem) return refuse('NAME_INVALID', { name: part, kind, reason: problem })
  }
  const existing = await plane.store.environments.find(plane.organisation.id, name.project, name.environment)
  if (existing) return refuse('ENV_EXISTS', { environment: `${name.project}/${name.environment}` })
  return ok({
    id: idOf<'environment'>(randomUUID()),
    organisation: plane.organisation.id,
    project: name.project,
    name: name.environment,
    created_at: plane.now(),
    deleted_at: null,
    head_revision: 0,
    head_hash: null,
  })
}

/** The write that makes a project, unless it is there. */
export async function projectWrites(plane: Plane, projects: Iterable<string>): Promise<Write[]> {
  const writes = await Promise.all(
    [...new Set(projects)].map(async (name) => {
      const existing = await plane.store.projects.get(plane.organisation.id, name)
      return existing ? [] : [insert('projects', { organisation: plane.organisation.id, name, created_at: plane.now() })]
    }),
  )
  return writes.flat()
}
