import type { OrganisationId, ReleaseTarget } from '@headgate/model'
import type { Reader } from './reader.ts'

export function instanceQueries({ read, one, check }: Reader) {
  const at = (organisation: OrganisationId, { project, environment }: ReleaseTarget) =>
    read
      .selectFrom('instances')
      .selectAll()
      .where('organisation', '=', organisation)
      .where('project', '=', project)
      .where('environment', '=', environment)
  return {
    get: (id: string) => one('instances', { id }),
    /** Those that have a process, or are meant to; oldest first. */
    active: async (organisation: OrganisationId, target: ReleaseTarget) =>
      check('instances', await at(organisation, target).where('ended_at', 'is', null).orderBy('started_at').orderBy('id').execute()),
    /** The ones that ended last, newest first. */
    ended: async (organisation: OrganisationId, target: ReleaseTarget, limit: number) =>
      check(
        'instances',
        await at(organisation, target).where('ended_at', 'is not', null).orderBy('started_at', 'desc').orderBy('id').limit(limit).execute(),
      ),
  }
}
