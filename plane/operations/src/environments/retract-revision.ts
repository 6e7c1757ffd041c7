import { ok, refuse, shortName } from '@headgate/model'
import { type EnvironmentRow, insert, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { findRevision } from './find-revision.ts'

/**
 * Has another revision opened wherever this one is asked for, by number, tag or import. The revision stays, and can be
 * looked at. The newest is what everybody opens, so it is replaced by saving, not by retracting.
 */
export const retractRevision: UseCase<'retractRevision'> = async (plane, caller, { params, body }) => {
  const { version, ...name } = params
  const found = await findRevision(plane, name, version)
  if (!found.ok) return found
  const { environment, revision } = found.value
  const { number } = revision
  const wrong = (reason: string) => refuse('RETRACTION_REFUSED', { environment: shortName(name), revision: number, reason })
  if (number === environment.head_revision) return wrong('it is the newest; save another first')
  const replacement = body.replacement ?? (await nextKept(plane, environment, number))
  if (replacement === number) return wrong('it cannot replace itself')
  const other = await findRevision(plane, name, replacement)
  if (!other.ok) return other
  const before = await plane.store.retractions.get(environment.id, number)
  const set = { replacement, reason: body.reason ?? '', author: caller.principal, retracted_at: plane.now() }
  return ok({
    answer: { environment: shortName(name), revision: number, replacement },
    writes: [
      before ? update('retractions', before, set) : insert('retractions', { environment: environment.id, revision: number, ...set }),
    ],
    details: { revision: number, replacement },
  })
}

/** The next revision that is not retracted itself; the newest never is. */
async function nextKept(plane: Plane, environment: EnvironmentRow, number: number): Promise<number> {
  const retracted = new Set((await plane.store.retractions.list(environment.id)).map((row) => row.revision))
  let next = number + 1
  while (next < environment.head_revision && retracted.has(next)) next += 1
  return next
}
