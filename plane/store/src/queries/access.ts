import type { BindingId, OrganisationId, PrincipalId, TokenId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function principalQueries({ read, one, check }: Reader) {
  const all = () => read.selectFrom('principals').selectAll()
  const present = (organisation: OrganisationId) => all().where('organisation', '=', organisation).where('deleted_at', 'is', null)
  return {
    get: (id: PrincipalId) => one('principals', { id }),
    byName: (organisation: OrganisationId, name: string) => one('principals', { organisation, name, deleted_at: null }),
    /** Those that are there; deleted ones are found by their id only. */
    list: async (organisation: OrganisationId) => check('principals', await present(organisation).orderBy('name').execute()),
  }
}

export function teamQueries({ read, one, check }: Reader) {
  const inOrganisation = (organisation: OrganisationId) => read.selectFrom('teams').selectAll().where('organisation', '=', organisation)
  const memberships = () => read.selectFrom('team_members').selectAll()
  return {
    get: (organisation: OrganisationId, name: string) => one('teams', { organisation, name }),
    list: async (organisation: OrganisationId) => check('teams', await inOrganisation(organisation).orderBy('name').execute()),
    members: async (organisation: OrganisationId, team: string) =>
      check(
        'team_members',
        await memberships().where('organisation', '=', organisation).where('team', '=', team).orderBy('principal').execute(),
      ),
    /** The teams a principal is a member of. */
    of: async (principal: PrincipalId) =>
      check('team_members', await memberships().where('principal', '=', principal).orderBy('team').execute()),
  }
}

export function roleQueries({ read, one, check }: Reader) {
  const inOrganisation = (organisation: OrganisationId) => read.selectFrom('roles').selectAll().where('organisation', '=', organisation)
  return {
    get: (organisation: OrganisationId, name: string) => one('roles', { organisation, name }),
    list: async (organisation: OrganisationId) => check('roles', await inOrganisation(organisation).orderBy('name').execute()),
  }
}

export function bindingQueries({ read, one, check }: Reader) {
  const inOrganisation = (organisation: OrganisationId) => read.selectFrom('bindings').selectAll().where('organisation', '=', organisation)
  return {
    get: (id: BindingId) => one('bindings', { id }),
    list: async (organisation: OrganisationId) => check('bindings', await inOrganisation(organisation).orderBy('id').execute()),
    /** What a team holds, or a principal by itself: not what it has through its teams. */
    ofSubject: async (organisation: OrganisationId, kind: 'principal' | 'team', subject: string) =>
      check(
        'bindings',
        await inOrganisation(organisation).where('subject_kind', '=', kind).where('subject', '=', subject).orderBy('id').execute(),
      ),
    ofRole: async (organisation: OrganisationId, role: string) =>
      check('bindings', await inOrganisation(organisation).where('role', '=', role).orderBy('id').execute()),
    /** What a principal holds itself and through its teams. Expired ones too: that is for `decide` to say. */
    of: async (organisation: OrganisationId, principal: PrincipalId) => {
      const memberships = await check(
        'team_members',
        await read
          .selectFrom('team_members')
          .selectAll()
          .where('organisation', '=', organisation)
          .where('principal', '=', principal)
          .execute(),
      )
      const teams = memberships.map((membership) => membership.team)
      const rows = await inOrganisation(organisation)
        .where((where) =>
          where.or([
            where.and([where('subject_kind', '=', 'principal'), where('subject', '=', principal)]),
            ...(teams.length > 0 ? [where.and([where('subject_kind', '=', 'team'), where('subject', 'in', teams)])] : []),
          ]),
        )
        .orderBy('id')
        .execute()
      return check('bindings', rows)
    },
  }
}

/** How long a token's last use may stay in memory only, in milliseconds. It is a hint for people, and costs a write. */
const USE_INTERVAL = 60_000

export function tokenQueries({ read, one, check }: Reader, writeUse: (token: TokenId, time: number) => void) {
  const all = () => read.selectFrom('tokens').selectAll()
  const noted = new Map<TokenId, number>()
  return {
    get: (id: TokenId) => one('tokens', { id }),
    /** The token of a digest, revoked and expired ones too. */
    byDigest: (digest: Uint8Array) => one('tokens', { digest }),
    list: async (organisation: OrganisationId, options: { readonly principal?: PrincipalId } = {}) => {
      let query = all().where('organisation', '=', organisation)
      if (options.principal !== undefined) query = query.where('principal', '=', options.principal)
      return check('tokens', await query.orderBy('created_at').orderBy('id').execute())
    },
    /** When tokens were last used, to the minute; one that never was is absent. */
    lastUses: async (ids: readonly TokenId[]): Promise<Map<TokenId, number>> => {
      if (ids.length === 0) return new Map()
      const rows = await read.selectFrom('token_uses').selectAll().where('token', 'in', ids).execute()
      return new Map(rows.map((row) => [row.token, row.last_used_at]))
    },
    /** Notes that a token was used. Returns at once; at most one write a minute and token, without an audit record. */
    used(id: TokenId, time: number): void {
      if (time - (noted.get(id) ?? -Infinity) < USE_INTERVAL) return
      noted.set(id, time)
      writeUse(id, time)
    },
  }
}
