import { type Expectation, LATEST_TAG, ok, refuse, shortName, tagProblem } from '@headgate/model'
import { insert, update } from '@headgate/store'
import type { UseCase } from '../plane.ts'
import { findRevision } from './find-revision.ts'

/** Makes a tag name a revision. With `expected`, only if it names that one now. */
export const moveTag: UseCase<'moveTag'> = async (plane, caller, { params, body }) => {
  const { tag, ...name } = params
  const problem = tag === LATEST_TAG ? 'latest always names the newest revision' : tagProblem(tag)
  if (problem) return refuse('TAG_INVALID', { tag, reason: problem })
  const found = await findRevision(plane, name, body.revision)
  if (!found.ok) return found
  const { environment } = found.value
  const before = await plane.store.tags.get(environment.id, tag)
  const expected = body.expected === undefined ? (before?.revision ?? null) : body.expected
  const set = { revision: body.revision, author: caller.principal, moved_at: plane.now() }
  const expect: Expectation = { kind: 'tag', environment: environment.id, tag, revision: expected, name: shortName(name) }
  return ok({
    answer: { environment: shortName(name), tag, revision: body.revision },
    expect: [expect],
    writes: [before ? update('tags', before, set) : insert('tags', { environment: environment.id, name: tag, ...set })],
    details: { tag, revision: body.revision, before: before?.revision ?? null },
  })
}
