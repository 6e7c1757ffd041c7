import { randomUUID } from 'node:crypto'
import type { Answer } from '@headgate/contract'
import { type Expectation, type Write, idOf, ok, refuse } from '@headgate/model'
import { type Fields, type PrincipalRow, insert, remove, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { heldAnswers, heldRoles } from './held-roles.ts'
import { keepOwner } from './last-owner.ts'
import { requireOwn } from './own-rights.ts'
import { findPrincipal, principalName } from './subjects.ts'

export const listPrincipals: UseCase<'listPrincipals'> = async (plane) => {
  const rows = await plane.store.principals.list(plane.organisation.id)
  return ok({ answer: { principals: await Promise.all(rows.map((row) => principalAnswer(plane, row))) } })
}

export const readPrincipal: UseCase<'readPrincipal'> = async (plane, _caller, { params }) => {
  const found = await findPrincipal(plane, params.principal, 'see')
  return found.ok ? ok({ answer: await principalAnswer(plane, found.value) }) : found
}

/** Makes a user or a machine. It can do nothing until it holds a role, and not sign in until it has a token. */
export const createPrincipal: UseCase<'createPrincipal'> = async (plane, _caller, { body }) => {
  const name = principalName(body.name)
  if (!name.ok) return name
  const existing = await plane.store.principals.byName(plane.organisation.id, name.value)
  if (existing) return refuse('PRINCIPAL_EXISTS', { principal: name.value })
  const row: Fields<PrincipalRow> = {
    id: idOf<'principal'>(randomUUID()),
    organisation: plane.organisation.id,
    kind: body.kind,
    name: name.value,
    description: body.description ?? null,
    created_at: plane.now(),
    disabled_at: null,
    deleted_at: null,
  }
  return ok({
    answer: await principalAnswer(plane, row),
    writes: [insert('principals', row)],
    details: { principal: row.name, kind: row.kind },
  })
}

/** Describes, suspends or resumes. Resuming gives rights back, so it is for whoever holds them. */
export const updatePrincipal: UseCase<'updatePrincipal'> = async (plane, caller, { params, body }) => {
  const found = await findPrincipal(plane, params.principal, 'manage')
  if (!found.ok) return found
  const before = found.value
  const suspended = body.suspended ?? before.disabled_at !== null
  const changes = suspended !== (before.disabled_at !== null)
  let expect: Expectation[] = []
  if (changes && suspended) {
    const kept = await keepOwner(plane, { principal: before.id }, before.name)
    if (!kept.ok) return kept
    expect = kept.value
  } else if (changes) {
    const own = requireOwn(plane, caller, await heldRoles(plane, plane.organisation.id, before.id))
    if (!own.ok) return own
  }
  const set = {
    ...(changes ? { disabled_at: suspended ? plane.now() : null } : {}),
    ...(body.description === undefined ? {} : { description: body.description }),
  }
  return ok({
    answer: await principalAnswer(plane, { ...before, ...set }),
    expect,
    writes: [update('principals', before, set)],
    details: { principal: before.name, suspended },
  })
}

/** Deletes for good: tokens are revoked, roles and memberships end, the name is free again. What it did still names it. */
export const deletePrincipal: UseCase<'deletePrincipal'> = async (plane, _caller, { params }) => {
  const { store, organisation } = plane
  const found = await findPrincipal(plane, params.principal, 'manage')
  if (!found.ok) return found
  const row = found.value
  const kept = await keepOwner(plane, { principal: row.id }, row.name)
  if (!kept.ok) return kept
  const time = plane.now()
  const tokens = (await store.tokens.list(organisation.id, { principal: row.id })).filter((token) => token.revoked_at === null)
  const rules = (await store.trust.list(organisation.id)).filter((rule) => rule.principal === row.id)
  const writes: Write[] = [
    ...tokens.map((token) => update('tokens', token, { revoked_at: time })),
    ...(await store.bindings.ofSubject(organisation.id, 'principal', row.id)).map((binding) => remove('bindings', binding)),
    ...(await store.teams.of(row.id)).map((member) => remove('team_members', member)),
    ...rules.map((rule) => remove('trust_rules', rule)),
    update('principals', row, { deleted_at: time, disabled_at: row.disabled_at ?? time }),
  ]
  return ok({
    answer: { principal: row.name, revokedTokens: tokens.length },
    expect: kept.value,
    writes,
    details: { principal: row.name, tokens: tokens.length, trust: rules.map((rule) => rule.name) },
  })
}

async function principalAnswer(plane: Plane, row: Fields<PrincipalRow>): Promise<Answer<'readPrincipal'>> {
  const [held, teams] = await Promise.all([heldRoles(plane, plane.organisation.id, row.id), plane.store.teams.of(row.id)])
  return {
    name: row.name,
    kind: row.kind,
    ...(row.description == null ? {} : { description: row.description }),
    created: row.created_at,
    ...(row.disabled_at === null ? {} : { suspended: row.disabled_at }),
    teams: teams.map((member) => member.team),
    roles: heldAnswers(held),
  }
}
