import type { OrganisationId, ReleaseId, ReleaseTarget } from '@headgate/model'
import type { Reader } from './reader.ts'

export function releaseQueries({ read, one, check, checkOne }: Reader) {
  const all = () => read.selectFrom('releases').selectAll()
  const at = (organisation: OrganisationId, { project, environment }: ReleaseTarget) =>
    all().where('organisation', '=', organisation).where('project', '=', project).where('environment', '=', environment)
  return {
    get: (id: ReleaseId) => one('releases', { id }),
    /** Those of a target whose id begins so; at most two, which is enough to know that one is not unique. */
    beginning: async (organisation: OrganisationId, target: ReleaseTarget, prefix: string) =>
      check(
        'releases',
        await at(organisation, target)
          .where('id', '>=', prefix as ReleaseId)
          .where('id', '<', `${prefix}g` as ReleaseId)
          .limit(2)
          .execute(),
      ),
    byNumber: (organisation: OrganisationId, { project, environment }: ReleaseTarget, number: number) =>
      one('releases', { organisation, project, environment, number }),
    /** The newest release of a target with this label. */
    byVersion: async (organisation: OrganisationId, target: ReleaseTarget, version: string) =>
      checkOne('releases', await at(organisation, target).where('version', '=', version).orderBy('number', 'desc').executeTakeFirst()),
    /** Newest first. */
    list: async (organisation: OrganisationId, target: ReleaseTarget, limit: number) =>
      check('releases', await at(organisation, target).orderBy('number', 'desc').limit(limit).execute()),
  }
}

export function targetQueries({ read, one, check }: Reader) {
  const all = (organisation: OrganisationId) => read.selectFrom('targets').selectAll().where('organisation', '=', organisation)
  return {
    get: (organisation: OrganisationId, { project, environment }: ReleaseTarget) => one('targets', { organisation, project, environment }),
    list: async (organisation: OrganisationId) =>
      check('targets', await all(organisation).orderBy('project').orderBy('environment').execute()),
  }
}
