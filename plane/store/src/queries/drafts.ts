import type { DraftId, EnvironmentId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function draftQueries({ read, check, checkOne }: Reader) {
  const all = () => read.selectFrom('drafts').selectAll()
  return {
    get: async (id: DraftId) => checkOne('drafts', await all().where('id', '=', id).executeTakeFirst()),
    /** Newest first. */
    list: async (environment: EnvironmentId) =>
      check('drafts', await all().where('environment', '=', environment).orderBy('created_at', 'desc').orderBy('id').execute()),
  }
}
