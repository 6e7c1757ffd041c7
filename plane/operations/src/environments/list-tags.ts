import { ok } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { authorNames } from './author-names.ts'
import { findEnvironment } from './find-revision.ts'

/** The tags of an environment by their names; `latest` is not among them, because it is no tag anybody set. */
export const listTags: UseCase<'listTags'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const [rows, nameOf] = await Promise.all([plane.store.tags.list(environment.value.id), authorNames(plane)])
  const tags = rows.map((row) => ({ tag: row.name, revision: row.revision, author: nameOf(row.author), moved: row.moved_at }))
  return ok({ answer: { tags } })
}
