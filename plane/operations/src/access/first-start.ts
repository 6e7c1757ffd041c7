import { randomUUID } from 'node:crypto'
import { HeadgateError, type OrganisationId, type PrincipalId, type Secret, type Write, idOf } from '@headgate/model'
import { type Store, insert, update } from '@headgate/store'
import type { ChangeWriter, Vault } from '@headgate/vault'

export const FIRST_ORGANISATION = 'main'
export const FIRST_USER = 'owner'

/** What is needed before there is an organisation to make a Plane of. */
export interface EmptyPlane {
  readonly store: Store
  readonly vault: Vault
  readonly changes: ChangeWriter
  now(): number
}

/** Makes the organisation `main`, its user `owner` with the role of that name, and the token to begin with. One Change. */
export async function firstStart({ vault, changes, now }: EmptyPlane): Promise<{ organisation: OrganisationId; token: Secret }> {
  const time = now()
  const organisation = idOf<'organisation'>(randomUUID())
  const principal = idOf<'principal'>(randomUUID())
  const { token, write } = newOwnerToken(vault, organisation, principal, time)
  const writes: Write[] = [
    insert('organisations', { id: organisation, name: FIRST_ORGANISATION, created_at: time }),
    ...vault.newOrganisation(organisation, time),
    insert('principals', { id: principal, organisation, kind: 'user', name: FIRST_USER, created_at: time, disabled_at: null }),
    insert('bindings', {
      id: idOf<'binding'>(randomUUID()),
      organisation,
      role: 'owner',
      subject_kind: 'principal',
      subject: principal,
      created_at: time,
      created_by: null,
      expires_at: null,
    }),
    write,
  ]
  const audit = {
    time,
    organisation,
    actor: null,
    actorName: 'plane',
    action: 'organisation.create',
    resource: `organisation:${FIRST_ORGANISATION}`,
    outcome: 'ok' as const,
  }
  await commitOrThrow(changes, writes, audit)
  return { organisation, token }
}

/**
 * A new token for the owner, all earlier ones of theirs revoked: the way back in for whoever holds the data folder and
 * the key. Local only; it needs the plane stopped, because it takes the lock of the data folder.
 */
export async function replaceOwnerToken({ store, vault, changes, now }: EmptyPlane): Promise<{ token: Secret; revoked: number }> {
  const time = now()
  const organisation = await store.organisations.byName(FIRST_ORGANISATION)
  const owner = organisation && (await store.principals.byName(organisation.id, FIRST_USER))
  if (!organisation || !owner) throw new HeadgateError('PRINCIPAL_NOT_FOUND', { principal: FIRST_USER })
  const tokens = (await store.tokens.list(organisation.id, { principal: owner.id })).filter((row) => row.revoked_at === null)
  const { token, write } = newOwnerToken(vault, organisation.id, owner.id, time)
  const writes = [...tokens.map((row) => update('tokens', row, { revoked_at: time })), write]
  if (owner.disabled_at !== null) writes.push(update('principals', owner, { disabled_at: null }))
  const audit = {
    time,
    organisation: organisation.id,
    actor: null,
    actorName: 'local operator',
    action: 'access.reset-owner',
    resource: `organisation:${FIRST_ORGANISATION}`,
    outcome: 'ok' as const,
    details: { revoked: tokens.length },
  }
  await commitOrThrow(changes, writes, audit)
  return { token, revoked: tokens.length }
}

function newOwnerToken(vault: Vault, organisation: OrganisationId, principal: PrincipalId, time: number): { token: Secret; write: Write } {
  const { token, digest } = vault.mintToken('user')
  const write = insert('tokens', {
    id: idOf<'token'>(randomUUID()),
    organisation,
    principal,
    kind: 'user',
    name: 'owner',
    digest,
    created_at: time,
    expires_at: null,
    revoked_at: null,
  })
  return { token, write }
}

/** Nothing else runs at a first start or on a stopped plane, so a conflict here is broken surroundings. */
async function commitOrThrow(
  changes: ChangeWriter,
  writes: readonly Write[],
  audit: Parameters<ChangeWriter['commit']>[0]['audit'],
): Promise<void> {
  const committed = await changes.commit({ expect: [], writes, audit })
  if (!committed.ok) throw new HeadgateError(committed.problem.code, committed.problem.details)
}
