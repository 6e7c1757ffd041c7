import type { MigrationId, OrganisationId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function migrationQueries({ read, one, check }: Reader) {
  return {
    get: (id: MigrationId) => one('migrations', { id }),
    /** Newest first. */
    list: async (organisation: OrganisationId, project?: string) => {
      let query = read.selectFrom('migrations').selectAll().where('organisation', '=', organisation)
      if (project !== undefined) query = query.where('project', '=', project)
      return check('migrations', await query.orderBy('created_at', 'desc').orderBy('id').execute())
    },
  }
}
