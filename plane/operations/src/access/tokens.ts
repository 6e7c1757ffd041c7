import { randomUUID } from 'node:crypto'
import type { Answer, Body } from '@headgate/contract'
import { type PrincipalId, type Result, idOf, ok, refuse } from '@headgate/model'
import { type Permission, type TokenLimit, decide, limitMistakes } from '@headgate/model/access'
import { type Fields, type PrincipalRow, type TokenRow, insert, update } from '@headgate/store'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { limitOf } from './authenticate.ts'
import { requirePermission } from './authorise.ts'
import { findRole, heldRoles, limitedTo } from './held-roles.ts'
import { requireOwn } from './own-rights.ts'
import { findPrincipal } from './subjects.ts'

/** What of a token is shown; its digest is nobody's business. */
type TokenFields = Omit<Fields<TokenRow>, 'digest'>

/** The caller's own tokens. Those of others are for whoever may audit. */
export const listTokens: UseCase<'listTokens'> = async (plane, caller, { query }) => {
  const everybody = query.all === 'true'
  const own = !everybody && (query.principal === undefined || query.principal === caller.name)
  if (!own) {
    const allowed = requirePermission(plane, caller, 'audit', organisationOf(plane))
    if (!allowed.ok) return allowed
  }
  const named = own || query.principal === undefined ? undefined : await findPrincipal(plane, query.principal, 'see')
  if (named && !named.ok) return named
  const principal = own ? caller.principal : named?.value.id
  const rows = await plane.store.tokens.list(plane.organisation.id, principal === undefined ? {} : { principal })
  return ok({ answer: { tokens: await tokenAnswers(plane, caller, rows) } })
}

/**
 * Makes a token. For oneself it can do no more and last no longer than the token in use; for another, an administrator
 * makes one that can do nothing they cannot do themselves.
 */
export const createToken: UseCase<'createToken'> = async (plane, caller, { body }) => {
  const own = body.principal === undefined || body.principal === caller.name
  const principal = own ? await ownPrincipal(plane, caller) : await othersPrincipal(plane, caller, body.principal ?? '')
  if (!principal.ok) return principal
  const wanted = await wantedToken(plane, own ? caller : undefined, body)
  if (!wanted.ok) return wanted
  const { limit, expires } = wanted.value
  const held = await heldRoles(plane, plane.organisation.id, principal.value.id)
  const covered = requireOwn(plane, caller, limitedTo(limit, held))
  if (!covered.ok) return covered
  const { kind } = principal.value
  const { token, digest } = plane.vault.mintToken(kind)
  const row: Fields<TokenRow> = {
    id: idOf<'token'>(randomUUID()),
    organisation: plane.organisation.id,
    principal: principal.value.id,
    kind,
    name: body.name,
    digest,
    limits: limit ? JSON.stringify(limit) : null,
    trust: null,
    created_at: plane.now(),
    expires_at: expires ?? null,
    revoked_at: null,
  }
  const [answer] = await tokenAnswers(plane, caller, [row])
  const { id, change, name } = principal.value
  return ok({
    answer: { ...(answer as Answer<'readToken'>), secret: token.reveal() },
    expect: [{ kind: 'row', table: 'principals', key: { id }, state: change, name: `the principal ${name}` }],
    writes: [insert('tokens', row)],
    details: { made: row.id, name: body.name, principal: name, expires: expires ?? null, limit: limit ? JSON.stringify(limit) : null },
  })
}

export const readToken: UseCase<'readToken'> = async (plane, caller, { params }) => {
  const found = await findToken(plane, caller, params.token, 'audit')
  if (!found.ok) return found
  const [answer] = await tokenAnswers(plane, caller, [found.value])
  return ok({ answer: answer as Answer<'readToken'> })
}

/** Renames a token or lets it expire earlier; nothing makes one live longer. */
export const updateToken: UseCase<'updateToken'> = async (plane, caller, { params, body }) => {
  const found = await findToken(plane, caller, params.token, 'admin')
  if (!found.ok) return found
  const before = found.value
  const named = body.name === undefined ? ok(before.name) : tokenName(body.name)
  if (!named.ok) return named
  const expires = body.expires ?? before.expires_at
  if (before.expires_at !== null && expires !== null && expires > before.expires_at) {
    return refuse('TIME_INVALID', { what: 'the end', time: isoTime(expires), reason: `it is now at ${isoTime(before.expires_at)}` })
  }
  const set = { name: named.value, expires_at: expires }
  const [answer] = await tokenAnswers(plane, caller, [{ ...before, ...set }])
  return ok({
    answer: answer as Answer<'readToken'>,
    writes: [update('tokens', before, set)],
    details: { changed: before.id, name: named.value, expires },
  })
}

/** Revokes a token. One that is revoked already stays as it is. */
export const revokeToken: UseCase<'revokeToken'> = async (plane, caller, { params }) => {
  const found = await findToken(plane, caller, params.token, 'admin')
  if (!found.ok) return found
  const row = { ...found.value, revoked_at: found.value.revoked_at ?? plane.now() }
  const [answer] = await tokenAnswers(plane, caller, [row])
  return ok({
    answer: answer as Answer<'readToken'>,
    writes: found.value.revoked_at === null ? [update('tokens', found.value, { revoked_at: row.revoked_at })] : [],
    details: { revoked: row.id, name: row.name },
  })
}

async function ownPrincipal(plane: Plane, caller: Caller): Promise<Result<PrincipalRow>> {
  const row = await plane.store.principals.get(caller.principal)
  return row ? ok(row) : refuse('PRINCIPAL_NOT_FOUND', { principal: caller.name })
}

/** Whether somebody may make a token for another is decided before they learn whether the other is there. */
async function othersPrincipal(plane: Plane, caller: Caller, name: string): Promise<Result<PrincipalRow>> {
  const allowed = requirePermission(plane, caller, 'admin', organisationOf(plane))
  return allowed.ok ? findPrincipal(plane, name, 'manage') : allowed
}

interface Wanted {
  readonly limit: TokenLimit | undefined
  readonly expires: number | undefined
}

/** @param minter who makes a token for themselves: what confines the one in use confines the new one too */
async function wantedToken(plane: Plane, minter: Caller | undefined, body: Body<'createToken'>): Promise<Result<Wanted>> {
  const name = tokenName(body.name)
  if (!name.ok) return name
  const limit = { ...minter?.token.limit, ...givenLimit(body.limit) }
  const mistakes = limitMistakes(limit)
  if (mistakes[0]) return refuse('SCOPE_INVALID', { reason: mistakes[0].message }, mistakes)
  for (const role of limit.roles ?? []) if (!(await findRole(plane, role))) return refuse('ROLE_NOT_FOUND', { role })
  const latest = minter?.token.expires
  const expires = body.expires ?? latest
  const wrong = (reason: string) => refuse('TIME_INVALID', { what: 'the end', time: isoTime(expires ?? 0), reason })
  if (expires !== undefined && expires <= plane.now()) return wrong('it has passed')
  if (expires !== undefined && latest !== undefined && expires > latest) return wrong(`the token in use ends at ${isoTime(latest)}`)
  return ok({ limit: Object.keys(limit).length > 0 ? limit : undefined, expires })
}

/** Only what is said: a part that is left out must not take away what confines the token in use. */
function givenLimit(limit: Body<'createToken'>['limit']): TokenLimit {
  const { roles, permissions, environments } = limit ?? {}
  return { ...(roles ? { roles } : {}), ...(permissions ? { permissions } : {}), ...(environments ? { environments } : {}) }
}

function tokenName(name: string): Result<string> {
  if (name.trim() === '') return refuse('TOKEN_NAME_INVALID', { reason: 'its name is empty' })
  // Names are shown in terminals and logs.
  return /^[^\p{C}]{1,100}$/u.test(name) ? ok(name) : refuse('TOKEN_NAME_INVALID', { reason: 'its name has characters nobody can see' })
}

/** A token by its id: one's own, or any for whoever has the right; for others it is not there. */
async function findToken(plane: Plane, caller: Caller, id: string, right: Permission): Promise<Result<TokenRow>> {
  const row = await plane.store.tokens.get(idOf<'token'>(id))
  const missing = refuse('TOKEN_NOT_FOUND', { token: id })
  if (!row || row.organisation !== plane.organisation.id) return missing
  if (row.principal === caller.principal && !caller.pin) return ok(row)
  return decide(right, organisationOf(plane), caller.held, plane.now()) === 'allow' ? ok(row) : missing
}

async function tokenAnswers(plane: Plane, caller: Caller, rows: readonly TokenFields[]): Promise<Answer<'readToken'>[]> {
  const used = await plane.store.tokens.lastUses(rows.map((row) => row.id))
  const names = new Map<PrincipalId, string>()
  for (const { principal } of rows) {
    if (!names.has(principal)) names.set(principal, (await plane.store.principals.get(principal))?.name ?? principal)
  }
  return rows.map((row) => tokenAnswer(row, names.get(row.principal) ?? row.principal, used.get(row.id), caller))
}

function tokenAnswer(row: TokenFields, principal: string, used: number | undefined, caller: Caller): Answer<'readToken'> {
  const { roles, permissions, environments } = limitOf({ limits: row.limits ?? null }) ?? {}
  const limit = {
    ...(roles ? { roles: [...roles] } : {}),
    ...(permissions ? { permissions: [...permissions] } : {}),
    ...(environments ? { environments: [...environments] } : {}),
  }
  return {
    id: row.id,
    principal,
    kind: row.kind,
    name: row.name,
    created: row.created_at,
    ...(row.expires_at === null ? {} : { expires: row.expires_at }),
    ...(row.revoked_at === null ? {} : { revoked: row.revoked_at }),
    ...(used === undefined ? {} : { used }),
    ...(Object.keys(limit).length > 0 ? { limit } : {}),
    ...(row.trust == null ? {} : { trust: row.trust }),
    current: row.id === caller.token.id,
  }
}

function organisationOf(plane: Plane) {
  return { kind: 'organisation', organisation: plane.organisation.name } as const
}

function isoTime(time: number): string {
  return new Date(time).toISOString()
}
