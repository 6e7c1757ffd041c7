import type { OrganisationId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function organisationQueries({ read, one, check }: Reader) {
  return {
    get: (id: OrganisationId) => one('organisations', { id }),
    byName: (name: string) => one('organisations', { name }),
    list: async () => check('organisations', await read.selectFrom('organisations').selectAll().orderBy('name').execute()),
  }
}

export function projectQueries({ read, one, check }: Reader) {
  const inOrganisation = (organisation: OrganisationId) => read.selectFrom('projects').selectAll().where('organisation', '=', organisation)
  return {
    get: (organisation: OrganisationId, name: string) => one('projects', { organisation, name }),
    list: async (organisation: OrganisationId) => check('projects', await inOrganisation(organisation).orderBy('name').execute()),
  }
}
