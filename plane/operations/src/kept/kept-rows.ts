import type { EnvironmentRow, Store, TagRow } from '@headgate/store'

/** Names kept at a time; all go at once when there are more. */
const ROW_LIMIT = 10_000

/**
 * A store whose answers to "which environment is this", "where does this tag point" and "which tags are there" are kept until a
 * commit touches those tables. Only for a database this process alone writes to: commits of others would not be noticed at once.
 *
 * @returns the store, and what ends the keeping
 */
export function keepRows(store: Store): { readonly store: Store; close(): void } {
  const rows = new Map<string, EnvironmentRow | undefined>()
  const tags = new Map<string, TagRow | undefined>()
  const lists = new Map<string, TagRow[]>()
  let generation = 0

  const forget = store.onCommit(({ tables }) => {
    if (!tables.includes('environments') && !tables.includes('tags')) return
    generation += 1
    rows.clear()
    tags.clear()
    lists.clear()
  })

  const keep = async <T>(kept: Map<string, T>, key: string, read: () => Promise<T>): Promise<T> => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const asked = generation
    const found = await read()
    if (found !== undefined && asked === generation) {
      if (kept.size >= ROW_LIMIT) kept.clear()
      kept.set(key, found)
    }
    return found
  }

  const { environments, tags: tagQueries } = store
  return {
    store: {
      ...store,
      environments: {
        ...environments,
        find: (organisation, project, name) =>
          keep(rows, `${organisation} ${project} ${name}`, () => environments.find(organisation, project, name)),
      },
      tags: {
        ...tagQueries,
        get: (environment, name) => keep(tags, `${environment} ${name}`, () => tagQueries.get(environment, name)),
        list: (environment) => keep(lists, environment, () => tagQueries.list(environment)),
      },
    },
    close(): void {
      forget()
      rows.clear()
      tags.clear()
      lists.clear()
    },
  }
}
