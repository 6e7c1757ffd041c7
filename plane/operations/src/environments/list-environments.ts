import { ok } from '@headgate/model'
import { decide, environmentResource } from '@headgate/model/access'
import type { UseCase } from '../plane.ts'
import { nameOf } from './find-revision.ts'

/** The environments the caller may know of: those they may read at least a part of. */
export const listEnvironments: UseCase<'listEnvironments'> = async (plane, caller, { query }) => {
  const rows = await plane.store.environments.list(plane.organisation.id, query.project === undefined ? {} : { project: query.project })
  const visible = rows.filter((row) => decide('read', environmentResource(nameOf(plane, row)), caller.held, plane.now()) !== 'deny')
  const environments = await Promise.all(
    visible.map(async (row) => {
      const head = await plane.store.revisions.get(row.id, row.head_revision)
      return { ...nameOf(plane, row), revision: row.head_revision, changed: head?.created_at ?? row.created_at }
    }),
  )
  return ok({ answer: { environments } })
}
