import type { OrganisationId, PrincipalId } from './ids.ts'

/** How an audited act ended. A denial and a failure are records of their own; a change that happened is one record with it. */
export type AuditOutcome = 'ok' | 'denied' | 'failed'

export type AuditDetail = string | number | boolean | null | readonly AuditDetail[] | { readonly [name: string]: AuditDetail }

/**
 * What a use case says of what it is doing, committed with it or not at all.
 *
 * Actor, action, resource, time and outcome stay readable so that the log can be searched; `details` are sealed. No
 * field ever holds a secret's value.
 */
export interface AuditRecord {
  /** Milliseconds since 1970, UTC. */
  readonly time: number
  /** Null where no organisation is known yet: a first start, or a sign-in nobody could be found for. */
  readonly organisation: OrganisationId | null
  /** Null for the plane itself, and for a caller nobody could be found for. */
  readonly actor: PrincipalId | null
  /** The actor as people know it at this time, because names change and the log does not. */
  readonly actorName: string
  /** What was done, `noun.verb`: `environment.open`, `token.create`. */
  readonly action: string
  /** To what, as `kind:organisation/project/environment#path`. */
  readonly resource: string
  readonly outcome: AuditOutcome
  readonly details?: { readonly [name: string]: AuditDetail }
}

/** Who did what the plane does by itself. */
export const PLANE_ACTOR = { actor: null, actorName: 'plane' } as const satisfies Pick<AuditRecord, 'actor' | 'actorName'>

/** A record as it stands in the log. */
export interface AuditEvent extends Omit<AuditRecord, 'details'> {
  /** The number of the Change it was committed with. */
  readonly change: number
  /** Its place in the Merkle log, counted from 0; null while it waits for the sequencer, which is a finding if it stays so. */
  readonly leaf: number | null
  /** Absent where the reader may see that something happened, but not what. */
  readonly details?: { readonly [name: string]: AuditDetail }
}
