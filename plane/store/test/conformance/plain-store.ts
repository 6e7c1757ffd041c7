import assert from 'node:assert/strict'
import { type Change, type EnvironmentId, type OrganisationId, type PrincipalId, idOf } from '@headgate/model'
import { type Database, type Store, createStore, insert } from '@headgate/store'
import { plainProtection, plainSequencer, sealedPlainly } from './plain-protection.ts'

export const organisation: OrganisationId = idOf('o-1')
export const owner: PrincipalId = idOf('p-1')
export const environment: EnvironmentId = idOf('e-1')
export const base = { created_at: 1 }

export const environmentFields = {
  ...base,
  id: environment,
  organisation,
  project: 'shop',
  name: 'dev',
  deleted_at: null,
  head_revision: 0,
  head_hash: null,
}

export const tagFields = { environment, name: 'live', revision: 1, author: owner, moved_at: 1 }

export const revisionFields = (number: number) => ({
  environment,
  number,
  sealed: Buffer.from(`text ${number}`),
  previous: null,
  hash: Buffer.alloc(32, number),
  author: owner,
  created_at: number,
})

export interface PlainStore {
  readonly database: Database
  readonly store: Store
  commit(change: Partial<Change>): ReturnType<Store['commit']>
  close(): Promise<void>
}

/** Behaviours, each with what shows it on a store that has an organisation and its owner. */
export type Cases = Readonly<Record<string, (opened: PlainStore) => Promise<void>>>

/** A store over a database, with an organisation in it. */
export async function startStore(database: Database, state: 'empty' | 'founded' = 'empty'): Promise<PlainStore> {
  const size = Number((await database.write.all('select count(*) as "count" from "audit"'))[0]?.['count'])
  const protection = plainProtection()
  const store = createStore(database, { protection, sequencer: plainSequencer(protection, size) })
  const commit = (change: Partial<Change>) => store.commit(sealedPlainly(protection, change))
  const close = async () => {
    await store.close()
    await database.close()
  }
  if (state === 'founded') return { database, store, commit, close }
  const made = await commit({
    writes: [
      insert('organisations', { ...base, id: organisation, name: 'main' }),
      insert('principals', { ...base, id: owner, organisation, kind: 'user', name: 'owner', disabled_at: null }),
    ],
  })
  assert.ok(made.ok)
  return { database, store, commit, close }
}
