import assert from 'node:assert/strict'
import { rowMacKeyId, sealKeyId } from '@headgate/crypto'
import { type EnvironmentRow, type RevisionRow, type TableName, insert, tables } from '@headgate/store'
import { Secret, idOf } from '@headgate/model'
import { type RotationRequest, type SealedStore, type RotationTarget, verifyAudit } from '@headgate/vault'
import { sealPlaceOf } from '../src/rotation/seal-places.ts'
import { by, commit, dev, inDev, organisation, sealedRow } from './sealed-folder.ts'

/** What must be the same before and after every rotation: values, texts, hashes, tags, and who may do what. */
export interface Said {
  readonly secrets: readonly (readonly [string, string])[]
  readonly revisions: readonly (readonly [string, number, string, string])[]
  readonly audit: readonly string[]
}

const nobody = { by: 'owner' }
export const rootOnly: RotationRequest = { ...nobody, what: 'root', target: { to: 'same' } }
export const dataOnly: RotationRequest = { ...nobody, what: 'data', target: { to: 'same' } }
export const everything: RotationRequest = { ...nobody, what: 'all', target: { to: 'same' } }

export async function addSecrets(sealed: SealedStore, count: number): Promise<void> {
  const writes = Array.from({ length: count }, (_, n) =>
    insert('records', sealed.vault.sealSecret(inDev, new Secret(`value ${n}`), by.time).record),
  )
  await commit(sealed, writes)
}

/** Organisations with a data key each, and nothing else. */
export async function addOrganisations(sealed: SealedStore, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => idOf<'organisation'>(`o-more-${n}`))
  await commit(sealed, [
    ...ids.map((id) => insert('organisations', { id, name: id, created_at: by.time })),
    ...ids.flatMap((id) => sealed.vault.newOrganisation(id, by.time)),
  ])
}

/** Rows of the tables nobody protects that hold something sealed. */
export async function addUnprotected(sealed: SealedStore): Promise<void> {
  const session = { id: 's-1', organisation, environment: dev, principal: by.author, created_at: 1, expires_at: 2, sealed: Buffer.alloc(0) }
  await commit(sealed, [{ op: 'insert', table: 'open_sessions', row: sealedRow(sealed, 'open_sessions', session) }])
}

/** Everything that a rotation must leave as it is, read through the front door. */
export async function saidBy(sealed: SealedStore): Promise<Said> {
  const { store, vault, database } = sealed
  const environments = (await database.read.selectFrom('environments').selectAll().orderBy('id').execute()) as EnvironmentRow[]
  const placeOf = (id: string) => ({
    organisation: environments.find((row) => row.id === id)?.organisation ?? organisation,
    environment: id as typeof dev,
  })
  const ids = await database.read.selectFrom('records').select('id').orderBy('id').execute()
  const records = await store.records.get(ids.map((row) => row.id))
  const revisions: RevisionRow[] = []
  for (const { id } of environments) revisions.push(...(await store.revisions.list(id)))
  const audit = await store.audit.page({ order: 'oldest', limit: 1_000 })
  return {
    secrets: [...records.values()]
      .map((row) => [row.id, vault.openSecret(placeOf(row.environment), row).reveal()] as const)
      .toSorted(([left], [right]) => left.localeCompare(right)),
    revisions: revisions.map((row) => [
      row.environment,
      row.number,
      vault.openText(placeOf(row.environment), row),
      Buffer.from(row.hash).toString('hex'),
    ]),
    audit: audit.filter(({ action }) => !action.startsWith('keys.')).map((row) => JSON.stringify(vault.openAudit(row))),
  }
}

/** Commits a step as its use case does, and waits until there is nothing left to do. */
export async function step(
  sealed: SealedStore,
  plan: Awaited<ReturnType<SealedStore['keys']['planStart']>>,
  action = 'keys.rotate',
): Promise<void> {
  await begin(sealed, plan, action)
  await sealed.keys.idle()
  const { rotation } = await sealed.keys.show()
  assert.equal(rotation?.problem, undefined, JSON.stringify(rotation?.problem))
}

export async function begin(
  sealed: SealedStore,
  plan: Awaited<ReturnType<SealedStore['keys']['planStart']>>,
  action = 'keys.rotate',
): Promise<void> {
  assert.ok(plan.ok, plan.ok ? '' : `${plan.problem.code}: ${plan.problem.message}`)
  const { expect, writes, details } = plan.value
  const audit = {
    time: by.time,
    organisation,
    actor: by.author,
    actorName: 'owner',
    action,
    resource: 'organisation:main',
    outcome: 'ok' as const,
    details,
  }
  const result = await sealed.changes.commit({ expect, writes, audit })
  assert.ok(result.ok, result.ok ? '' : result.problem.message)
}

export const start = async (sealed: SealedStore, request: RotationRequest) => step(sealed, await sealed.keys.planStart(request))
export const finish = async (sealed: SealedStore) => step(sealed, await sealed.keys.planFinish(), 'keys.finish')
export const undo = async (sealed: SealedStore) => step(sealed, await sealed.keys.planUndo(), 'keys.undo')
export const moveRoot = (sealed: SealedStore, target: RotationTarget) => start(sealed, { ...rootOnly, target })

/** The ids of all keys that any row of the database is under, read without the code under test. */
export async function keysInUse({ database }: SealedStore): Promise<Set<string>> {
  const found = new Set<string>()
  const snapshot = await database.snapshot()
  try {
    for (const table of Object.keys(tables) as TableName[]) {
      for (const row of await snapshot.all(`select * from "${table}"`)) {
        const place = sealPlaceOf(table, row)
        if (place) found.add(sealKeyId(row['sealed'] as Uint8Array, place))
        const mac = rowMacKeyId(row['mac'])
        if (mac !== undefined) found.add(mac)
        if (table === 'key_records') found.add(String(row['root']))
      }
    }
  } finally {
    await snapshot.close()
  }
  return found
}

export async function requireIntact(sealed: SealedStore, said: Said): Promise<void> {
  assert.deepEqual(await saidBy(sealed), said)
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
}
