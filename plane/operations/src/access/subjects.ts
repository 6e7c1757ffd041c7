import { type PrincipalId, type Result, ok, refuse } from '@headgate/model'
import type { BindingRow, PrincipalRow, TeamRow } from '@headgate/store'
import type { Plane } from '../plane.ts'

/** Lower case only: two names that differ in case alone would be taken for one another. */
const NAME = /^[a-z0-9][a-z0-9._@+-]{0,99}$/
const TEAM_NAME = /^[a-z][a-z0-9-]{0,62}$/

/** Names under which the plane itself acts. Whoever had one could be taken for it in the log. */
export const INSTANCES = 'instances'
const reserved: ReadonlySet<string> = new Set([INSTANCES, 'plane', 'local', 'operator', 'nobody', 'anonymous', 'system', 'headgate'])

/** A name for a new principal, checked. */
export function principalName(name: string): Result<string> {
  if (reserved.has(name)) return refuse('PRINCIPAL_RESERVED', { principal: name })
  if (NAME.test(name)) return ok(name)
  const reason = NAME.test(name.toLowerCase())
    ? 'names are in lower case'
    : 'a name is made of at most 100 lower-case letters, digits and the characters . _ @ + -, and starts with a letter or digit'
  return refuse('PRINCIPAL_INVALID', { principal: JSON.stringify(name), reason })
}

export function teamName(name: string): Result<string> {
  return TEAM_NAME.test(name) ? ok(name) : refuse('TEAM_INVALID', { team: JSON.stringify(name) })
}

/** A principal that is there. The one that instances of releases sign in as is seen, and not managed. */
export async function findPrincipal(plane: Plane, name: string, purpose: 'see' | 'manage'): Promise<Result<PrincipalRow>> {
  const row = await plane.store.principals.byName(plane.organisation.id, name)
  if (!row) return refuse('PRINCIPAL_NOT_FOUND', { principal: name })
  return purpose === 'manage' && reserved.has(row.name) ? refuse('PRINCIPAL_RESERVED', { principal: name }) : ok(row)
}

/** The holders of bindings as people name them: a principal, or `team:NAME`. */
export async function subjectNames(plane: Plane, bindings: readonly Pick<BindingRow, 'subject_kind' | 'subject'>[]): Promise<string[]> {
  return Promise.all(
    bindings.map(async ({ subject_kind, subject }) => {
      if (subject_kind === 'team') return `team:${subject}`
      return (await plane.store.principals.get(subject as PrincipalId))?.name ?? subject
    }),
  )
}

export async function findTeam(plane: Plane, name: string): Promise<Result<TeamRow>> {
  const row = await plane.store.teams.get(plane.organisation.id, name)
  return row ? ok(row) : refuse('TEAM_NOT_FOUND', { team: name })
}
