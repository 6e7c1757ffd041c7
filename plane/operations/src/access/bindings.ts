import { randomUUID } from 'node:crypto'
import type { Answer, Body } from '@headgate/contract'
import { type Expectation, type Result, idOf, ok, refuse } from '@headgate/model'
import { scopeMistakes } from '@headgate/model/access'
import { type BindingRow, type Fields, insert, remove, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { findRole, rolesOfBindings } from './held-roles.ts'
import { keepOwner } from './last-owner.ts'
import { gainedByLosing, requireOwn } from './own-rights.ts'
import { findPrincipal, findTeam, subjectNames } from './subjects.ts'

type BindingFields = Fields<BindingRow>

export const listBindings: UseCase<'listBindings'> = async (plane, _caller, { query }) => {
  const rows = await plane.store.bindings.list(plane.organisation.id)
  const principal = query.principal === undefined ? undefined : await findPrincipal(plane, query.principal, 'see')
  if (principal && !principal.ok) return principal
  const team = query.team === undefined ? undefined : await findTeam(plane, query.team)
  if (team && !team.ok) return team
  const wanted = rows.filter(
    ({ subject_kind, subject, role }) =>
      (principal === undefined || (subject_kind === 'principal' && subject === principal.value.id)) &&
      (team === undefined || (subject_kind === 'team' && subject === team.value.name)) &&
      (query.role === undefined || role === query.role),
  )
  return ok({ answer: { bindings: await Promise.all(wanted.map((row) => bindingAnswer(plane, row))) } })
}

export const readBinding: UseCase<'readBinding'> = async (plane, _caller, { params }) => {
  const found = await findBinding(plane, params.binding)
  return found.ok ? ok({ answer: await bindingAnswer(plane, found.value) }) : found
}

/** Gives a role. Whoever gives it must hold all that it gives there. */
export const createBinding: UseCase<'createBinding'> = async (plane, caller, { body }) => {
  const subject = await subjectOf(plane, body.subject)
  if (!subject.ok) return subject
  const role = await roleToGive(plane, body.role)
  if (!role.ok) return role
  const terms = termsOf(plane, { scope: body.scope ?? null, expires: body.expires ?? null })
  if (!terms.ok) return terms
  const row: BindingFields = {
    id: idOf<'binding'>(randomUUID()),
    organisation: plane.organisation.id,
    role: body.role,
    subject_kind: body.subject.kind,
    subject: subject.value.id,
    created_at: plane.now(),
    created_by: caller.principal,
    ...terms.value,
  }
  const own = requireOwn(plane, caller, await rolesOfBindings(plane, [row]))
  if (!own.ok) return own
  return ok({
    answer: await bindingAnswer(plane, row),
    expect: [...role.value, subject.value.expect],
    writes: [insert('bindings', row)],
    details: { ...bindingDetails(row), subject: subjectText(body.subject) },
  })
}

/** Changes where and how long: as if the binding were taken away and another one given. */
export const updateBinding: UseCase<'updateBinding'> = async (plane, caller, { params, body }) => {
  const found = await findBinding(plane, params.binding)
  if (!found.ok) return found
  const before = found.value
  const terms = termsOf(plane, {
    scope: body.scope === undefined ? scopeOf(before) : body.scope,
    expires: body.expires === undefined ? before.expires_at : body.expires,
  })
  if (!terms.ok) return terms
  const row = { ...before, ...terms.value }
  const lost = gainedByLosing(await rolesOfBindings(plane, [before]))
  const own = requireOwn(plane, caller, [...(await rolesOfBindings(plane, [row])), ...lost])
  if (!own.ok) return own
  const limited = row.scope != null || row.expires_at !== null
  const kept = await keepOwner(plane, limited ? { binding: row.id } : {}, (await subjectNames(plane, [row])).join())
  if (!kept.ok) return kept
  return ok({
    answer: await bindingAnswer(plane, row),
    expect: kept.value,
    writes: [update('bindings', before, terms.value)],
    details: bindingDetails(row),
  })
}

/** Takes a role away, and with it what the role denied. */
export const deleteBinding: UseCase<'deleteBinding'> = async (plane, caller, { params }) => {
  const found = await findBinding(plane, params.binding)
  if (!found.ok) return found
  const row = found.value
  const own = requireOwn(plane, caller, gainedByLosing(await rolesOfBindings(plane, [row])))
  if (!own.ok) return own
  const [name = ''] = await subjectNames(plane, [row])
  const kept = await keepOwner(plane, { binding: row.id }, name)
  if (!kept.ok) return kept
  return ok({
    answer: { binding: row.id },
    expect: kept.value,
    writes: [remove('bindings', row)],
    details: { ...bindingDetails(row), subject: name },
  })
}

async function findBinding(plane: Plane, id: string): Promise<Result<BindingRow>> {
  const row = await plane.store.bindings.get(idOf<'binding'>(id))
  return row?.organisation === plane.organisation.id ? ok(row) : refuse('BINDING_NOT_FOUND', { binding: id })
}

/** Whom a binding is for, and that it is still there when it is written. */
async function subjectOf(
  plane: Plane,
  { kind, name }: Body<'createBinding'>['subject'],
): Promise<Result<{ id: string; expect: Expectation }>> {
  if (kind === 'team') {
    const team = await findTeam(plane, name)
    if (!team.ok) return team
    const key = { organisation: plane.organisation.id, name }
    return ok({ id: name, expect: { kind: 'row', table: 'teams', key, state: 'present', name: `the team ${name}` } })
  }
  const principal = await findPrincipal(plane, name, 'manage')
  if (!principal.ok) return principal
  const { id, change } = principal.value
  return ok({ id, expect: { kind: 'row', table: 'principals', key: { id }, state: change, name: `the principal ${name}` } })
}

/** That a role can be given: it is there, and still the one that was looked at when the binding is written. */
async function roleToGive(plane: Plane, name: string): Promise<Result<Expectation[]>> {
  if (!(await findRole(plane, name))) return refuse('ROLE_NOT_FOUND', { role: name })
  const row = await plane.store.roles.get(plane.organisation.id, name)
  // One that comes with Headgate cannot change in between.
  if (!row) return ok([])
  const key = { organisation: plane.organisation.id, name }
  return ok([{ kind: 'row', table: 'roles', key, state: row.change, name: `the role ${name}` }])
}

interface Terms {
  readonly scope: readonly string[] | null
  readonly expires: number | null
}

function termsOf(plane: Plane, { scope, expires }: Terms): Result<Pick<BindingFields, 'scope' | 'expires_at'>> {
  const mistakes = scope ? scopeMistakes(scope, 'scope') : []
  if (mistakes[0]) return refuse('SCOPE_INVALID', { reason: mistakes[0].message }, mistakes)
  if (expires !== null && expires <= plane.now()) {
    return refuse('TIME_INVALID', { what: 'the end', time: new Date(expires).toISOString(), reason: 'it has passed' })
  }
  return ok({ scope: scope ? JSON.stringify(scope) : null, expires_at: expires })
}

function scopeOf({ scope }: Pick<BindingFields, 'scope'>): string[] | null {
  return scope == null ? null : (JSON.parse(scope) as string[])
}

function bindingDetails({ id, role, scope, expires_at }: BindingFields) {
  return { binding: id, role, scope: scopeOf({ scope: scope ?? null }), expires: expires_at }
}

function subjectText({ kind, name }: { kind: string; name: string }): string {
  return kind === 'team' ? `team:${name}` : name
}

async function bindingAnswer(plane: Plane, row: BindingFields): Promise<Answer<'readBinding'>> {
  const [name = ''] = await subjectNames(plane, [row])
  const by = row.created_by === null ? undefined : await plane.store.principals.get(row.created_by)
  const scope = scopeOf(row)
  return {
    id: row.id,
    subject: { kind: row.subject_kind, name: row.subject_kind === 'team' ? row.subject : name },
    role: row.role,
    ...(scope ? { scope } : {}),
    ...(row.expires_at === null ? {} : { expires: row.expires_at }),
    created: row.created_at,
    ...(by ? { createdBy: by.name } : {}),
  }
}
