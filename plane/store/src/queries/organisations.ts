import type { OrganisationId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function organisationQueries({ read, check, checkOne }: Reader) {
  return {
    get: async (id: OrganisationId) =>
      checkOne('organisations', await read.selectFrom('organisations').selectAll().where('id', '=', id).executeTakeFirst()),
    byName: async (name: string) =>
      checkOne('organisations', await read.selectFrom('organisations').selectAll().where('name', '=', name).executeTakeFirst()),
    list: async () => check('organisations', await read.selectFrom('organisations').selectAll().orderBy('name').execute()),
  }
}

export function projectQueries({ read, check, checkOne }: Reader) {
  const inOrganisation = (organisation: OrganisationId) => read.selectFrom('projects').selectAll().where('organisation', '=', organisation)
  return {
    get: async (organisation: OrganisationId, name: string) =>
      checkOne('projects', await inOrganisation(organisation).where('name', '=', name).executeTakeFirst()),
    list: async (organisation: OrganisationId) => check('projects', await inOrganisation(organisation).orderBy('name').execute()),
  }
}
