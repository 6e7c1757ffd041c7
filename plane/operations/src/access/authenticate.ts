import { type Result, type Secret, ok, refuse } from '@headgate/model'
import type { TokenLimit } from '@headgate/model/access'
import type { TokenRow } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'
import { pinnedCaller } from '../releases/instance-access.ts'
import { heldRoles, limitedTo } from './held-roles.ts'

/** Who a token belongs to and which roles they hold now. A token nobody could be found for is told nothing more. */
export async function authenticate(plane: Plane, token: Secret | undefined): Promise<Result<Caller>> {
  if (!token) return refuse('TOKEN_MISSING')
  const digest = plane.vault.digestToken(token.reveal())
  const row = digest && (await plane.store.tokens.byDigest(digest))
  if (!row) return refuse('TOKEN_INVALID')
  const caller = await callerOf(plane, row)
  if (caller.ok && !caller.value.pin) plane.store.tokens.used(row.id, plane.now())
  return caller
}

/** Whoever a token signs in, if it still does. */
export async function callerOf(plane: Plane, row: TokenRow): Promise<Result<Caller>> {
  if (row.revoked_at !== null) return refuse('TOKEN_REVOKED')
  if (row.expires_at !== null && row.expires_at <= plane.now())
    return refuse('TOKEN_EXPIRED', { expired: new Date(row.expires_at).toISOString() })
  const principal = await plane.store.principals.get(row.principal)
  if (!principal || principal.deleted_at != null) return refuse('TOKEN_REVOKED')
  if (principal.disabled_at !== null) return refuse('PRINCIPAL_SUSPENDED')
  if (row.kind === 'instance') {
    const pin = await plane.store.instancePins.byToken(row.id)
    return pin ? ok(pinnedCaller(pin, principal.id, row.id)) : refuse('TOKEN_REVOKED')
  }
  const held = await heldRoles(plane, row.organisation, principal.id)
  const limit = limitOf(row)
  return ok({
    principal: principal.id,
    name: principal.name,
    kind: principal.kind,
    token: {
      id: row.id,
      name: row.name,
      ...(row.expires_at === null ? {} : { expires: row.expires_at }),
      ...(limit ? { limit } : {}),
    },
    held: limitedTo(limit, held),
  })
}

/** What a token is confined to; undefined where it may do all its principal may. */
export function limitOf({ limits }: Pick<TokenRow, 'limits'>): TokenLimit | undefined {
  return limits == null ? undefined : (JSON.parse(limits) as TokenLimit)
}
