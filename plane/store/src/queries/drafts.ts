import type { DraftId, EnvironmentId, OrganisationId } from '@headgate/model'
import type { DraftRow } from '../schema/drafts.ts'
import type { Reader } from './reader.ts'

export function draftQueries({ read, one, check }: Reader) {
  const all = () => read.selectFrom('drafts').selectAll()
  return {
    /** Rotations that are under way, or were when the plane stopped. */
    rotations: async () => check('drafts', await all().where('kind', '=', 'rotation').where('state', '=', 'open').execute()),
    get: (id: DraftId) => one('drafts', { id }),
    /** Those of a whole organisation in some states, newest first, at most so many. */
    inStates: async (organisation: OrganisationId, states: readonly DraftRow['state'][], limit: number) =>
      check(
        'drafts',
        await all()
          .where('organisation', '=', organisation)
          .where('state', 'in', states)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .limit(limit)
          .execute(),
      ),
    /** Newest first. */
    list: async (environment: EnvironmentId) =>
      check('drafts', await all().where('environment', '=', environment).orderBy('created_at', 'desc').orderBy('id').execute()),
  }
}

export function draftEventQueries({ read, check }: Reader) {
  return {
    /** In their order. */
    list: async (draft: DraftId) =>
      check('draft_events', await read.selectFrom('draft_events').selectAll().where('draft', '=', draft).orderBy('number').execute()),
    ofEnvironment: async (environment: EnvironmentId) =>
      check('draft_events', await read.selectFrom('draft_events').selectAll().where('environment', '=', environment).execute()),
  }
}
