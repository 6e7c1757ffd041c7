import { ok, shortName } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { locateRevision } from './find-revision.ts'

/** The text of a revision with its secrets sealed, and the tags of the environment. */
export const readEnvironment: UseCase<'readEnvironment'> = async (plane, _caller, { params, query }) => {
  const located = await locateRevision(plane, params, query.version)
  if (!located.ok) return located
  const found = await plane.kept.revisions.read(plane, located.value)
  if (!found.ok) return found
  const { number, hash, author, created, text } = found.value
  const [tags, name] = await Promise.all([plane.store.tags.list(located.value.environment.id), plane.kept.nameOf(author)])
  return ok({
    answer: {
      environment: shortName(params),
      revision: number,
      hash,
      author: name,
      created,
      tags: tags.filter((tag) => tag.revision === number).map((tag) => tag.name),
      allTags: tags.map((tag) => ({ name: tag.name, revision: tag.revision })),
      text,
    },
  })
}
