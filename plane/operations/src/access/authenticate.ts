import { type OrganisationId, type PrincipalId, type Result, type Secret, ok, refuse } from '@headgate/model'
import { type HeldRole, type Role, defaultRoles } from '@headgate/model/access'
import type { BindingRow } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'
import { pinnedCaller } from '../releases/instance-access.ts'

/** Who a token belongs to and which roles they hold now. A token nobody could be found for is told nothing more. */
export async function authenticate(plane: Plane, token: Secret | undefined): Promise<Result<Caller>> {
  if (!token) return refuse('TOKEN_MISSING')
  const digest = plane.vault.digestToken(token.reveal())
  const row = digest && (await plane.store.tokens.byDigest(digest))
  if (!row) return refuse('TOKEN_INVALID')
  if (row.revoked_at !== null) return refuse('TOKEN_REVOKED')
  if (row.expires_at !== null && row.expires_at <= plane.now())
    return refuse('TOKEN_EXPIRED', { expired: new Date(row.expires_at).toISOString() })
  const principal = await plane.store.principals.get(row.principal)
  if (!principal || principal.disabled_at !== null) return refuse('TOKEN_REVOKED')
  if (row.kind === 'instance') {
    const pin = await plane.store.instancePins.byToken(row.id)
    return pin ? ok(pinnedCaller(pin, principal.id, row.id)) : refuse('TOKEN_REVOKED')
  }
  plane.store.tokens.used(row.id, plane.now())
  return ok({
    principal: principal.id,
    name: principal.name,
    kind: principal.kind,
    token: { id: row.id, name: row.name, ...(row.expires_at === null ? {} : { expires: row.expires_at }) },
    held: await heldRoles(plane, row.organisation, principal.id),
  })
}

/** The roles of a principal, its own and those of its teams. A binding to a role that is gone gives nothing. */
export async function heldRoles(plane: Plane, organisation: OrganisationId, principal: PrincipalId): Promise<HeldRole[]> {
  const bindings = await plane.store.bindings.of(organisation, principal)
  const held = await Promise.all(bindings.map(async (binding) => heldRole(binding, await findRole(plane, organisation, binding.role))))
  return held.flat()
}

function heldRole(binding: BindingRow, role: Role | undefined): HeldRole[] {
  if (!role) return []
  return [binding.expires_at === null ? { role } : { role, expires: binding.expires_at }]
}

async function findRole(plane: Plane, organisation: OrganisationId, name: string): Promise<Role | undefined> {
  const known = defaultRoles(plane.organisation.name).find((role) => role.name === name)
  if (known) return known
  const row = await plane.store.roles.get(organisation, name)
  return row && { name: row.name, description: row.description, statements: JSON.parse(row.statements) as Role['statements'] }
}
