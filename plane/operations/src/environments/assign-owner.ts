import { ok, shortName } from '@headgate/model'
import { insert, update } from '@headgate/store'
import { findPrincipal } from '../access/subjects.ts'
import type { UseCase } from '../plane.ts'
import { findEnvironment } from './find-revision.ts'

/** Hands an environment to somebody, as a word for people: rights come from roles alone. */
export const assignOwner: UseCase<'assignOwner'> = async (plane, _caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const owner = await findPrincipal(plane, body.owner, 'see')
  if (!owner.ok) return owner
  const { id } = environment.value
  const row = await plane.store.environmentOwners.get(id)
  const set = { owner: owner.value.id, assigned_at: plane.now() }
  return ok({
    answer: { environment: shortName(params), owner: owner.value.name },
    writes: [row ? update('environment_owners', row, set) : insert('environment_owners', { environment: id, ...set })],
    details: { owner: owner.value.name },
  })
}
