import type { OrganisationId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function trustQueries({ read, one, check }: Reader) {
  const inOrganisation = (organisation: OrganisationId) =>
    read.selectFrom('trust_rules').selectAll().where('organisation', '=', organisation)
  return {
    byName: (organisation: OrganisationId, name: string) => one('trust_rules', { organisation, name }),
    byIssuer: async (organisation: OrganisationId, issuer: string) =>
      check('trust_rules', await inOrganisation(organisation).where('issuer', '=', issuer).orderBy('name').execute()),
    list: async (organisation: OrganisationId) => check('trust_rules', await inOrganisation(organisation).orderBy('name').execute()),
    /** Identity tokens that were spent and have expired since, a few at a time. */
    expiredIdentities: async (before: number, limit: number) =>
      check(
        'spent_identities',
        await read.selectFrom('spent_identities').selectAll().where('expires_at', '<', before).orderBy('expires_at').limit(limit).execute(),
      ),
  }
}
