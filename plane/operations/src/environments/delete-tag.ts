import { ok, refuse, shortName } from '@headgate/model'
import { remove } from '@headgate/store'
import type { UseCase } from '../plane.ts'
import { findEnvironment } from './find-revision.ts'

/** Deletes a tag; the revision it named stays. */
export const deleteTag: UseCase<'deleteTag'> = async (plane, _caller, { params }) => {
  const { tag, ...name } = params
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const row = await plane.store.tags.get(environment.value.id, tag)
  if (!row) return refuse('TAG_NOT_FOUND', { environment: shortName(name), tag })
  return ok({ answer: { environment: shortName(name), tag }, writes: [remove('tags', row)], details: { tag, before: row.revision } })
}
