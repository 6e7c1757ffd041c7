import type { Answer } from '@headgate/contract'
import { type Result, ok } from '@headgate/model'
import { type HeldRole, type Reason, explain, parseResource, renderResource } from '@headgate/model/access'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { requirePermission } from './authorise.ts'
import { heldRoles } from './held-roles.ts'
import { findPrincipal } from './subjects.ts'

/** Whether a principal may do something, and why. About oneself it is answered for the token in use. */
export const checkAccess: UseCase<'checkAccess'> = async (plane, caller, { query }) => {
  const resource = parseResource(query.resource, plane.organisation.name)
  if (!resource.ok) return resource
  const asked = await askedAbout(plane, caller, query.principal)
  if (!asked.ok) return asked
  const { name, held, suspended } = asked.value
  const { decision, reasons } = explain(query.permission, resource.value, held, plane.now())
  return ok({
    answer: {
      principal: name,
      permission: query.permission,
      resource: renderResource(resource.value),
      decision: suspended ? 'deny' : decision,
      suspended,
      reasons: reasons.map(reasonAnswer),
    },
  })
}

interface Asked {
  readonly name: string
  readonly held: readonly HeldRole[]
  readonly suspended: boolean
}

async function askedAbout(plane: Plane, caller: Caller, principal: string | undefined): Promise<Result<Asked>> {
  if (principal === undefined || principal === caller.name) return ok({ name: caller.name, held: caller.held, suspended: false })
  const allowed = requirePermission(plane, caller, 'audit', { kind: 'organisation', organisation: plane.organisation.name })
  if (!allowed.ok) return allowed
  const row = await findPrincipal(plane, principal, 'see')
  if (!row.ok) return row
  const held = await heldRoles(plane, plane.organisation.id, row.value.id)
  return ok({ name: principal, held, suspended: row.value.disabled_at !== null })
}

function reasonAnswer({ role, team, number, statement, reach, decisive }: Reason): Answer<'checkAccess'>['reasons'][number] {
  const { effect, permissions, environments, patterns } = statement
  return {
    role,
    ...(team === undefined ? {} : { team }),
    number,
    statement: {
      effect,
      permissions: [...permissions],
      environments: [...environments],
      ...(patterns ? { patterns: [...patterns] } : {}),
    },
    reach,
    decisive,
  }
}
