import { type Result, ok, refuse } from '@headgate/model'
import { type HeldRole, type Role, deniedByRole, firstUncovered } from '@headgate/model/access'
import type { Caller, Plane } from '../plane.ts'

/**
 * Nobody gives what they do not have. Every change by which somebody could come to more rights goes through here with
 * what they could gain at most: the roles they get, or the denials they lose.
 */
export function requireOwn(plane: Plane, caller: Caller, gained: readonly HeldRole[]): Result<void> {
  const missing = firstUncovered(caller.held, gained, plane.now())
  return missing === undefined ? ok(undefined) : refuse('ACCESS_BEYOND_OWN', { principal: caller.name, missing })
}

/** What is gained by losing roles: what they denied. */
export function gainedByLosing(held: readonly HeldRole[]): HeldRole[] {
  return held.map((each) => gainFrom(each, deniedByRole(each.role))).filter(({ role }) => role.statements.length > 0)
}

/** A gain from a role lasts as long as its holder likes, whenever the role itself would have ended. */
function gainFrom({ scope, team }: HeldRole, role: Role): HeldRole {
  return { role, ...(scope ? { scope } : {}), ...(team === undefined ? {} : { team }) }
}
