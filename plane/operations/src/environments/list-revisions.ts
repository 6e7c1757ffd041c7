import { Buffer } from 'node:buffer'
import { ok, shortName } from '@headgate/model'
import type { UseCase } from '../plane.ts'
import { findEnvironment } from './find-revision.ts'

const PAGE = 100

/** The revisions of an environment, newest first, with who made them and the tags on them. */
export const listRevisions: UseCase<'listRevisions'> = async (plane, _caller, { params, query }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const { id, organisation } = environment.value
  const page = { limit: query.limit ?? PAGE, ...(query.before === undefined ? {} : { before: query.before }) }
  const [rows, tags, principals] = await Promise.all([
    plane.store.revisions.list(id, page),
    plane.store.tags.list(id),
    plane.store.principals.list(organisation),
  ])
  const names = new Map(principals.map((principal) => [principal.id, principal.name]))
  const revisions = rows.map((row) => ({
    revision: row.number,
    hash: Buffer.from(row.hash).toString('hex'),
    author: names.get(row.author) ?? row.author,
    created: row.created_at,
    tags: tags.filter((tag) => tag.revision === row.number).map((tag) => tag.name),
  }))
  return ok({ answer: { environment: shortName(params), revisions } })
}
