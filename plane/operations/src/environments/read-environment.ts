import { Buffer } from 'node:buffer'
import { ok, shortName } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { findRevision } from './find-revision.ts'

/** The text of a revision with its secrets sealed, and the tags of the environment. */
export const readEnvironment: UseCase<'readEnvironment'> = async (plane, _caller, { params, query }) => {
  const found = await findRevision(plane, params, query.version)
  if (!found.ok) return found
  const { environment, revision } = found.value
  const [tags, author] = await Promise.all([plane.store.tags.list(environment.id), plane.store.principals.get(revision.author)])
  return ok({
    answer: {
      environment: shortName(params),
      revision: revision.number,
      hash: Buffer.from(revision.hash).toString('hex'),
      author: author?.name ?? revision.author,
      created: revision.created_at,
      tags: tags.filter((tag) => tag.revision === revision.number).map((tag) => tag.name),
      allTags: tags.map((tag) => ({ name: tag.name, revision: tag.revision })),
      text: plane.vault.openText({ organisation: environment.organisation, environment: environment.id }, revision),
    },
  })
}
