import { randomUUID } from 'node:crypto'
import {
  PLANE_ACTOR,
  type AuditRecord,
  HeadgateError,
  type OrganisationId,
  type PrincipalId,
  type Secret,
  type Write,
  idOf,
} from '@headgate/model'
import { OWNER_ROLE } from '@headgate/model/access'
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

/** Makes the organisation `main`, its user `owner` with the role of that name, and the token to begin with. */
export async function firstStart(empty: EmptyPlane): Promise<{ organisation: OrganisationId; token: Secret }> {
  const organisation = await makeOrganisation(empty)
  const token = await mintFirstToken(empty, organisation)
  // Nobody else is at work at a first start, so nobody else has made it.
  if (!token) throw new HeadgateError('PRINCIPAL_NOT_FOUND', { principal: FIRST_USER })
  return { organisation, token }
}

/**
 * Makes the organisation `main` and its user `owner` with the role of that name, in one Change. Nobody can sign in yet.
 *
 * @throws DATA_DAMAGED where the log says that there was one: its row was taken out, and another would hide that
 */
export async function makeOrganisation({ store, vault, changes, now }: EmptyPlane): Promise<OrganisationId> {
  if (await onRecord(store, 'organisation.create'))
    throw new HeadgateError('DATA_DAMAGED', { folder: vault.database.place, reason: 'its organisation is gone' })
  const time = now()
  const organisation = idOf<'organisation'>(randomUUID())
  const principal = idOf<'principal'>(randomUUID())
  const writes: Write[] = [
    insert('organisations', { id: organisation, name: FIRST_ORGANISATION, created_at: time }),
    ...vault.newOrganisation(organisation, time),
    insert('principals', { id: principal, organisation, kind: 'user', name: FIRST_USER, created_at: time, disabled_at: null }),
    insert('bindings', {
      id: idOf<'binding'>(randomUUID()),
      organisation,
      role: OWNER_ROLE,
      subject_kind: 'principal',
      subject: principal,
      created_at: time,
      created_by: null,
      expires_at: null,
    }),
  ]
  await commitOrThrow(changes, writes, byThePlane(organisation, 'organisation.create', time))
  return organisation
}

/**
 * The token to begin with, made when nothing else of a first start can fail any more, because it is shown only once. A
 * start that was cut off before has none, and the next one makes it.
 *
 * @returns undefined where it was made already
 */
export async function mintFirstToken(
  { store, vault, changes, now }: EmptyPlane,
  organisation: OrganisationId,
): Promise<Secret | undefined> {
  const owner = await store.principals.byName(organisation, FIRST_USER)
  if (!owner || (await store.tokens.list(organisation, { principal: owner.id })).length > 0) return undefined
  // One that is on record and gone was taken out of the database: nobody gets another for that.
  if (await onRecord(store, 'token.create')) return undefined
  const time = now()
  const { token, write } = newOwnerToken(vault, organisation, owner.id, time)
  await commitOrThrow(changes, [write], byThePlane(organisation, 'token.create', time))
  return token
}

/** Whether the log says that this was done; what it has let go of was done too. */
async function onRecord(store: Store, action: string): Promise<boolean> {
  const [record] = await store.audit.page({ action, limit: 1 })
  return record !== undefined || (await store.audit.segments()).length > 0
}

function byThePlane(organisation: OrganisationId, action: string, time: number): AuditRecord {
  const resource = `organisation:${FIRST_ORGANISATION}`
  return { time, organisation, ...PLANE_ACTOR, action, resource, outcome: 'ok' }
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
async function commitOrThrow(changes: ChangeWriter, writes: readonly Write[], audit: AuditRecord): Promise<void> {
  const committed = await changes.commit({ expect: [], writes, audit })
  if (!committed.ok) throw new HeadgateError(committed.problem.code, committed.problem.details)
}
