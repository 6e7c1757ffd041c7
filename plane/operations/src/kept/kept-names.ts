import type { PrincipalId } from '@headgate/model'
import type { Store } from '@headgate/store'

/** Names kept at a time; all go at once when there are more. */
const LIMIT = 10_000

/**
 * What principals are called, for whoever shows who wrote something; nothing is decided by it. Kept until a commit touches their
 * table, and only for a database this process alone writes to. One that is gone is called by its id.
 *
 * @param shared whether other processes write to the database
 */
export function keepNames(store: Pick<Store, 'principals' | 'onCommit'>, shared: boolean) {
  const names = new Map<PrincipalId, string>()
  let generation = 0
  const forget = store.onCommit(({ tables }) => {
    if (!tables.includes('principals')) return
    generation += 1
    names.clear()
  })
  return {
    async of(id: PrincipalId): Promise<string> {
      const known = names.get(id)
      if (known !== undefined) return known
      const asked = generation
      const name = (await store.principals.get(id))?.name ?? id
      if (shared || asked !== generation) return name
      if (names.size >= LIMIT) names.clear()
      names.set(id, name)
      return name
    },
    close(): void {
      forget()
      names.clear()
    },
  }
}
