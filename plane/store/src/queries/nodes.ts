import type { OrganisationId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function nodeQueries({ read, one, check }: Reader) {
  return {
    get: (name: string) => one('nodes', { name }),
    list: async (organisation: OrganisationId) =>
      check('nodes', await read.selectFrom('nodes').selectAll().where('organisation', '=', organisation).orderBy('name').execute()),
  }
}
