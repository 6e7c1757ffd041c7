import { Buffer } from 'node:buffer'
import { type PrincipalId, ok, shortName } from '@headgate/model'
import type { RetractionRow } from '@headgate/store'
import type { UseCase } from '../plane.ts'
import { findEnvironment } from './find-revision.ts'

const PAGE = 100

/** The revisions of an environment, newest first, with who made them and the tags on them. */
export const listRevisions: UseCase<'listRevisions'> = async (plane, _caller, { params, query }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const { id, organisation } = environment.value
  const page = { limit: query.limit ?? PAGE, ...(query.before === undefined ? {} : { before: query.before }) }
  const [rows, tags, principals, retractions] = await Promise.all([
    plane.store.revisions.list(id, page),
    plane.store.tags.list(id),
    plane.store.principals.list(organisation),
    plane.store.retractions.list(id),
  ])
  const names = new Map(principals.map((principal) => [principal.id, principal.name]))
  const retracted = new Map(retractions.map((row) => [row.revision, row]))
  const revisions = rows.map((row) => ({
    revision: row.number,
    hash: Buffer.from(row.hash).toString('hex'),
    author: names.get(row.author) ?? row.author,
    created: row.created_at,
    tags: tags.filter((tag) => tag.revision === row.number).map((tag) => tag.name),
    ...retractionOf(retracted.get(row.number), names),
  }))
  return ok({ answer: { environment: shortName(params), revisions } })
}

function retractionOf(row: RetractionRow | undefined, names: ReadonlyMap<PrincipalId, string>) {
  if (!row) return {}
  const author = names.get(row.author) ?? row.author
  return { retracted: { replacement: row.replacement, reason: row.reason, author, at: row.retracted_at } }
}
