import type { Answer } from '@headgate/contract'
import { type Result, ok, refuse } from '@headgate/model'
import { type Role, defaultRoles, gainedByEdit, parseRole } from '@headgate/model/access'
import { type RoleRow, insert, remove, update } from '@headgate/store'
import type { Plane, UseCase } from '../plane.ts'
import { findRole } from './held-roles.ts'
import { requireOwn } from './own-rights.ts'
import { subjectNames } from './subjects.ts'

export const listRoles: UseCase<'listRoles'> = async (plane) => {
  const rows = await plane.store.roles.list(plane.organisation.id)
  const custom = rows.map(({ name, description, statements }) => ({
    name,
    description,
    statements: JSON.parse(statements) as Role['statements'],
  }))
  const known = defaultRoles(plane.organisation.name).filter(({ name }) => !custom.some((role) => role.name === name))
  return ok({ answer: { roles: [...known.map((role) => roleAnswer(role, true)), ...custom.map((role) => roleAnswer(role, false))] } })
}

export const readRole: UseCase<'readRole'> = async (plane, _caller, { params }) => {
  const role = await findRole(plane, params.role)
  if (!role) return refuse('ROLE_NOT_FOUND', { role: params.role })
  const custom = await plane.store.roles.get(plane.organisation.id, role.name)
  return ok({ answer: roleAnswer(role, custom === undefined) })
}

/** Makes a role that nobody holds yet; giving it is where rights are decided. */
export const createRole: UseCase<'createRole'> = async (plane, _caller, { body }) => {
  const { store, organisation } = plane
  const role = parseRole(roleOf(body.name, body))
  if (!role.ok) return role
  const { name, description, statements } = role.value
  if (isBuiltIn(plane, name)) return refuse('ROLE_PROTECTED', { role: name })
  if (await store.roles.get(organisation.id, name)) return refuse('ROLE_EXISTS', { role: name })
  const row = { organisation: organisation.id, name, description, statements: JSON.stringify(statements), created_at: plane.now() }
  // Nobody can hold a role that is not there; a binding that outlived one of this name must not come back to life.
  const stale = await store.bindings.ofRole(organisation.id, name)
  return ok({
    answer: roleAnswer(role.value, false),
    writes: [...stale.map((binding) => remove('bindings', binding)), insert('roles', row)],
    details: { role: name, statements: statements.length },
  })
}

/** Edits a role for everybody who holds it: what they gain by it, whoever edits must hold. */
export const updateRole: UseCase<'updateRole'> = async (plane, caller, { params, body }) => {
  const found = await findCustomRole(plane, params.role)
  if (!found.ok) return found
  const role = parseRole(roleOf(params.role, body))
  if (!role.ok) return role
  const before = roleOf(params.role, { statements: JSON.parse(found.value.statements) as Role['statements'] })
  const own = requireOwn(plane, caller, [{ role: gainedByEdit(before, role.value) }])
  if (!own.ok) return own
  const { description, statements } = role.value
  return ok({
    answer: roleAnswer(role.value, false),
    writes: [update('roles', found.value, { description, statements: JSON.stringify(statements) })],
    details: { role: params.role, statements: statements.length },
  })
}

export const deleteRole: UseCase<'deleteRole'> = async (plane, _caller, { params }) => {
  const found = await findCustomRole(plane, params.role)
  if (!found.ok) return found
  const bindings = await plane.store.bindings.ofRole(plane.organisation.id, params.role)
  if (bindings.length > 0) {
    const holders = [...new Set(await subjectNames(plane, bindings))]
    return refuse('ROLE_IN_USE', { role: params.role, holders: holders.join(', ') })
  }
  return ok({ answer: { role: params.role }, writes: [remove('roles', found.value)], details: { role: params.role } })
}

async function findCustomRole(plane: Plane, name: string): Promise<Result<RoleRow>> {
  const row = await plane.store.roles.get(plane.organisation.id, name)
  if (row) return ok(row)
  return isBuiltIn(plane, name) ? refuse('ROLE_PROTECTED', { role: name }) : refuse('ROLE_NOT_FOUND', { role: name })
}

function isBuiltIn(plane: Plane, name: string): boolean {
  return defaultRoles(plane.organisation.name).some((role) => role.name === name)
}

/** A role as a request words it; an unknown permission is refused when it is checked. */
function roleOf(name: string, { description = '', statements }: { description?: string | undefined; statements: readonly object[] }): Role {
  return { name, description, statements: statements as Role['statements'] }
}

function roleAnswer({ name, description, statements }: Role, builtIn: boolean): Answer<'readRole'> {
  return {
    name,
    description,
    statements: statements.map(({ effect, permissions, environments, patterns }) => ({
      effect,
      permissions: [...permissions],
      environments: [...environments],
      ...(patterns ? { patterns: [...patterns] } : {}),
    })),
    builtIn,
  }
}
