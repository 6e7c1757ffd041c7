import { type Expectation, type PrincipalId, type Result, ok, refuse } from '@headgate/model'
import { OWNER_ROLE } from '@headgate/model/access'
import type { BindingRow, PrincipalRow, TeamMemberRow } from '@headgate/store'
import type { Plane } from '../plane.ts'

/** What a change takes away, as far as an owner could lose the role by it. */
export interface Loss {
  readonly principal?: PrincipalId
  readonly team?: string
  readonly binding?: string
  readonly member?: { readonly team: string; readonly principal: PrincipalId }
}

/** One way somebody is an owner: an unlimited binding to the role, their own or their team's. */
interface Ownership {
  readonly principal: PrincipalRow
  readonly binding: BindingRow
  readonly member: TeamMemberRow | undefined
}

/**
 * Sees that an owner is left: a user who can sign in and holds the role without end or scope. What is expected makes
 * two changes at once, each relying on the owner the other takes away, a conflict.
 *
 * @param name whom the message calls the last one
 */
export async function keepOwner(plane: Plane, loss: Loss, name: string): Promise<Result<Expectation[]>> {
  const owners = await ownerships(plane)
  const left = owners.filter((owner) => !isLost(owner, loss))
  // What takes no ownership away needs nobody to stay.
  if (left.length === owners.length) return ok([])
  const [stays] = left
  return stays ? ok(expectationsOf(stays)) : refuse('LAST_OWNER', { principal: name })
}

function isLost({ principal, binding, member }: Ownership, loss: Loss): boolean {
  if (loss.principal === principal.id || loss.binding === binding.id) return true
  if (member && loss.team === member.team) return true
  return member !== undefined && loss.member?.team === member.team && loss.member.principal === member.principal
}

async function ownerships(plane: Plane): Promise<Ownership[]> {
  const { store, organisation } = plane
  const bindings = await store.bindings.ofRole(organisation.id, OWNER_ROLE)
  const made = await Promise.all(
    bindings
      .filter(({ expires_at, scope }) => expires_at === null && scope == null)
      .map(async (binding): Promise<Ownership[]> => {
        const members = binding.subject_kind === 'team' ? await store.teams.members(organisation.id, binding.subject) : undefined
        const ids = members?.map((member) => member.principal) ?? [binding.subject as PrincipalId]
        const principals = await Promise.all(ids.map((id) => store.principals.get(id)))
        return principals.flatMap((principal, i) =>
          principal && isActive(principal) ? [{ principal, binding, member: members?.[i] }] : [],
        )
      }),
  )
  return made.flat()
}

function isActive({ kind, disabled_at, deleted_at }: PrincipalRow): boolean {
  return kind === 'user' && disabled_at === null && deleted_at == null
}

function expectationsOf({ principal, binding, member }: Ownership): Expectation[] {
  const row = (table: string, key: Record<string, string>, state: number): Expectation => ({
    kind: 'row',
    table,
    key,
    state,
    name: `the owner ${principal.name}`,
  })
  return [
    row('principals', { id: principal.id }, principal.change),
    row('bindings', { id: binding.id }, binding.change),
    ...(member
      ? [row('team_members', { organisation: member.organisation, team: member.team, principal: member.principal }, member.change)]
      : []),
  ]
}
