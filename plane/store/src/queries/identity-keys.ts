import type { OrganisationId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function identityKeyQueries({ read, check }: Reader) {
  return {
    /** The newest first: it signs, and the others are still published. */
    list: async (organisation: OrganisationId) =>
      check(
        'identity_keys',
        await read
          .selectFrom('identity_keys')
          .selectAll()
          .where('organisation', '=', organisation)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .execute(),
      ),
  }
}
