import { randomBytes } from 'node:crypto'
import { type AuditRecord, type EnvironmentId, type OrganisationId, type PrincipalId, Secret, idOf } from '@headgate/model'
import { insert } from '@headgate/store'
import type { SealedStore } from '@headgate/vault'

export const VALUE_BYTES = 256
export const organisation: OrganisationId = idOf('organisation-0001')
const environment: EnvironmentId = idOf('environment-0001')
export const owner: PrincipalId = idOf('principal-0001')
export const place = { organisation, environment }
export const time = 1_700_000_000_000

/** The physical limit of the same run: what the database does of itself, without Headgate. */
export interface Bare {
  /** One row of 512 bytes, durable when it resolves. */
  commit(): void | Promise<void>
  /** One of those rows by its key. */
  read(): void | Promise<void>
}

export function auditOf(action: string): AuditRecord {
  const resource = 'environment:main/shop/production#database.password'
  return { time, organisation, actor: owner, actorName: 'owner', action, resource, outcome: 'ok', details: { revision: 7 } }
}

export async function commit({ changes }: SealedStore, writes: ReturnType<typeof insert>[], action: string): Promise<void> {
  const result = await changes.commit({ expect: [], writes, audit: auditOf(action) })
  if (!result.ok) throw new Error(result.problem.message)
}

export function newSecret(sealed: SealedStore, where = place) {
  return sealed.vault.sealSecret(where, new Secret(randomBytes(VALUE_BYTES / 2).toString('hex')), time)
}

/** An organisation with one environment of one revision. */
export async function found(sealed: SealedStore): Promise<void> {
  const by = { author: owner, time }
  const writes = [
    insert('organisations', { id: organisation, name: 'main', created_at: time }),
    ...sealed.vault.newOrganisation(organisation, time),
    ...sealed.vault.newEnvironment({ id: environment, organisation, project: 'shop', name: 'production' }, 'values: {}', by).writes,
  ]
  await commit(sealed, writes, 'organisation.create')
}
