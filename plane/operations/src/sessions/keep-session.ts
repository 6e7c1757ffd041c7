import { randomUUID } from 'node:crypto'
import { type EnvironmentId, type OpenSessionId, type Result, type Write, idOf, ok, refuse } from '@headgate/model'
import { type OpenSessionRow, insert } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'

/** Seconds an open session lives where nobody says otherwise, and at most. */
const LIFETIME = 2 * 60 * 60
const LONGEST = 24 * 60 * 60

/** A session to be written by the Change that records its opening. */
export interface NewSession {
  readonly id: OpenSessionId
  readonly expires: number
  readonly write: Write
}

/** How long a session is to live, in seconds, or the refusal. */
export function sessionLifetime(asked: number | undefined): Result<number> {
  const lifetime = asked ?? LIFETIME
  return lifetime >= 1 && lifetime <= LONGEST ? ok(lifetime) : refuse('LIFETIME_INVALID', { lifetime, limit: LONGEST })
}

/** Seals what was opened for its own session, so that the row of one cannot be read as another's. */
export function newSession(
  plane: Plane,
  caller: Caller,
  environment: EnvironmentId | null,
  evaluation: string,
  lifetime: number,
): NewSession {
  const id = idOf<'open-session'>(randomUUID())
  const organisation = plane.organisation.id
  const plaintext = Buffer.from(evaluation)
  const sealed = plane.vault.sealDocument(organisation, 'open-session', id, plaintext)
  plaintext.fill(0)
  const created_at = plane.now()
  const expires = created_at + lifetime * 1000
  const row: OpenSessionRow = { id, organisation, environment, principal: caller.principal, created_at, expires_at: expires, sealed }
  return { id, expires, write: insert('open_sessions', row) }
}

/** A session of this caller that has not expired; nobody learns of one that is not theirs. */
export async function findSession(
  plane: Plane,
  caller: Caller,
  id: string,
  environment: EnvironmentId | null,
): Promise<Result<{ readonly row: OpenSessionRow; readonly evaluation: string }>> {
  const row = await plane.store.openSessions.get(idOf<'open-session'>(id))
  const theirs = row?.organisation === plane.organisation.id && row.principal === caller.principal && row.environment === environment
  if (!row || !theirs || row.expires_at <= plane.now()) return refuse('OPEN_SESSION_NOT_FOUND', { session: id })
  const bytes = plane.vault.openDocument(row.organisation, 'open-session', row.id, row.sealed)
  const evaluation = Buffer.from(bytes).toString('utf8')
  bytes.fill(0)
  return ok({ row, evaluation })
}
