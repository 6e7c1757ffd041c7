import type { OrganisationId, PrincipalId } from '@headgate/model'
import { type HeldRole, OWNER_ROLE, type Role, type TokenLimit, defaultRoles } from '@headgate/model/access'
import type { BindingRow } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'

/**
 * The roles of a principal, its own and those of its teams. A binding to a role that is gone gives nothing. This is the
 * one place where roles are looked up for a decision.
 */
export async function heldRoles(plane: Plane, organisation: OrganisationId, principal: PrincipalId): Promise<HeldRole[]> {
  return rolesOfBindings(plane, await plane.store.bindings.of(organisation, principal))
}

/** A caller with the roles they hold now, as far as their token leaves them. */
export async function withRightsOfToday(plane: Plane, caller: Caller): Promise<Caller> {
  return { ...caller, held: limitedTo(caller.token.limit, await heldRoles(plane, plane.organisation.id, caller.principal)) }
}

/** Roles as a token leaves them. */
export function limitedTo(limit: TokenLimit | undefined, held: readonly HeldRole[]): readonly HeldRole[] {
  return limit ? held.map((each) => ({ ...each, limit })) : held
}

/** What a principal holds itself, or a team gives its members. */
export async function rolesOfSubject(plane: Plane, kind: 'principal' | 'team', subject: string): Promise<HeldRole[]> {
  return rolesOfBindings(plane, await plane.store.bindings.ofSubject(plane.organisation.id, kind, subject))
}

export async function rolesOfBindings(
  plane: Plane,
  bindings: readonly Pick<BindingRow, 'role' | 'subject_kind' | 'subject' | 'scope' | 'expires_at'>[],
): Promise<HeldRole[]> {
  const held = await Promise.all(
    bindings.map(async (binding): Promise<HeldRole[]> => {
      const role = await findRole(plane, binding.role)
      return role ? [heldRole(role, binding)] : []
    }),
  )
  return held.flat()
}

function heldRole(role: Role, { subject_kind, subject, scope, expires_at }: Parameters<typeof rolesOfBindings>[1][number]): HeldRole {
  return {
    role,
    ...(expires_at === null ? {} : { expires: expires_at }),
    ...(scope == null ? {} : { scope: JSON.parse(scope) as string[] }),
    ...(subject_kind === 'team' ? { team: subject } : {}),
  }
}

/**
 * A role by its name: a custom one, or one that comes with Headgate. A role that came with a later version never takes the
 * place of a custom one that had its name before: whoever holds that was given what it says, and no more.
 */
export async function findRole(plane: Plane, name: string): Promise<Role | undefined> {
  // The one role that always was, and that decides who can never be locked out.
  const row = name === OWNER_ROLE ? undefined : await plane.store.roles.get(plane.organisation.id, name)
  if (!row) return defaultRoles(plane.organisation.name).find((role) => role.name === name)
  return { name: row.name, description: row.description, statements: JSON.parse(row.statements) as Role['statements'] }
}

/** Roles somebody holds as answers show them, always in one order. */
export function heldAnswers(held: readonly HeldRole[]) {
  return held.toSorted((one, other) => compare(one.role.name, other.role.name) || compare(one.team ?? '', other.team ?? '')).map(heldAnswer)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function heldAnswer({ role, team, scope, expires }: HeldRole) {
  return {
    role: role.name,
    ...(team === undefined ? {} : { team }),
    ...(scope ? { scope: [...scope] } : {}),
    ...(expires === undefined ? {} : { expires }),
  }
}
