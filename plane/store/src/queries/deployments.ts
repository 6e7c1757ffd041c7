import type { DeploymentId, OrganisationId, ReleaseTarget, RunId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function deploymentQueries({ read, one, check }: Reader) {
  const all = () => read.selectFrom('deployments').selectAll()
  return {
    get: (id: DeploymentId) => one('deployments', { id }),
    /** Those that are live; more than one only for the moment between two of them. */
    live: async (organisation: OrganisationId, { project, environment }: ReleaseTarget) =>
      check(
        'deployments',
        await all()
          .where('organisation', '=', organisation)
          .where('project', '=', project)
          .where('environment', '=', environment)
          .where('state', '=', 'live')
          .execute(),
      ),
    /** Newest first. */
    list: async (organisation: OrganisationId, { project, environment }: ReleaseTarget, limit: number) =>
      check(
        'deployments',
        await all()
          .where('organisation', '=', organisation)
          .where('project', '=', project)
          .where('environment', '=', environment)
          .orderBy('started_at', 'desc')
          .orderBy('change', 'desc')
          .limit(limit)
          .execute(),
      ),
  }
}

export function runQueries({ read, one, check }: Reader) {
  const all = () => read.selectFrom('runs').selectAll()
  return {
    get: (id: RunId) => one('runs', { id }),
    /** The runs of a deployment, oldest first. */
    of: async (deployment: DeploymentId) =>
      check('runs', await all().where('deployment', '=', deployment).orderBy('started_at').orderBy('direction', 'desc').execute()),
  }
}

export function stepQueries({ read, check }: Reader) {
  return {
    /** The steps of a run in their order. */
    of: async (run: RunId) =>
      check('steps', await read.selectFrom('steps').selectAll().where('run', '=', run).orderBy('position').execute()),
  }
}
