import type { PrincipalId } from '@headgate/model'
import type { Plane } from '../plane.ts'

/** What each principal is called now; one that is gone is called by its id. */
export async function authorNames(plane: Plane): Promise<(id: PrincipalId) => string> {
  const names = new Map((await plane.store.principals.list(plane.organisation.id)).map((row) => [row.id, row.name]))
  return (id) => names.get(id) ?? id
}
