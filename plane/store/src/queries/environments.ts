import type { EnvironmentId, OrganisationId, RecordId } from '@headgate/model'
import type { RecordRow } from '../schema/environments.ts'
import type { Reader } from './reader.ts'

export function environmentQueries({ read, check, checkOne }: Reader) {
  const all = () => read.selectFrom('environments').selectAll()
  return {
    /** Deleted ones too. */
    get: async (id: EnvironmentId) => checkOne('environments', await all().where('id', '=', id).executeTakeFirst()),
    /** By its names; a deleted one is not found. */
    find: async (organisation: OrganisationId, project: string, name: string) =>
      checkOne(
        'environments',
        await all()
          .where('organisation', '=', organisation)
          .where('project', '=', project)
          .where('name', '=', name)
          .where('deleted_at', 'is', null)
          .executeTakeFirst(),
      ),
    list: async (organisation: OrganisationId, options: { readonly project?: string; readonly deleted?: 'without' | 'only' } = {}) => {
      let query = all().where('organisation', '=', organisation)
      if (options.project !== undefined) query = query.where('project', '=', options.project)
      query = query.where('deleted_at', options.deleted === 'only' ? 'is not' : 'is', null)
      return check('environments', await query.orderBy('project').orderBy('name').execute())
    },
  }
}

/** Revisions shown at once unless a caller asks for another number. */
const PAGE = 100

export function revisionQueries({ read, check, checkOne }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('revisions').selectAll().where('environment', '=', environment)
  return {
    get: async (environment: EnvironmentId, number: number) =>
      checkOne('revisions', await of(environment).where('number', '=', number).executeTakeFirst()),
    latest: async (environment: EnvironmentId) =>
      checkOne('revisions', await of(environment).orderBy('number', 'desc').limit(1).executeTakeFirst()),
    /** Newest first; `before` is the number the page stays below. */
    list: async (environment: EnvironmentId, options: { readonly before?: number; readonly limit?: number } = {}) => {
      let query = of(environment)
      if (options.before !== undefined) query = query.where('number', '<', options.before)
      return check(
        'revisions',
        await query
          .orderBy('number', 'desc')
          .limit(options.limit ?? PAGE)
          .execute(),
      )
    },
  }
}

/** Ids per statement, well under what either dialect allows, and the same text every time for full ones. */
const CHUNK = 500

export function recordQueries({ read, check }: Reader) {
  return {
    /** Those of these ids that belong to one environment. */
    of: async (environment: EnvironmentId, ids: readonly RecordId[]): Promise<Map<RecordId, RecordRow>> => {
      const found = new Map<RecordId, RecordRow>()
      for (let start = 0; start < ids.length; start += CHUNK) {
        const some = ids.slice(start, start + CHUNK)
        const rows = await read.selectFrom('records').selectAll().where('environment', '=', environment).where('id', 'in', some).execute()
        for (const row of await check('records', rows)) found.set(row.id, row)
      }
      return found
    },
    /** Everything sealed for one environment, when it is removed for good. */
    ofEnvironment: async (environment: EnvironmentId): Promise<RecordRow[]> =>
      check('records', await read.selectFrom('records').selectAll().where('environment', '=', environment).execute()),
    /** The sealed records of these ids; one that is not there is absent from the map. */
    get: async (ids: readonly RecordId[]): Promise<Map<RecordId, RecordRow>> => {
      const found = new Map<RecordId, RecordRow>()
      for (let start = 0; start < ids.length; start += CHUNK) {
        const some = ids.slice(start, start + CHUNK)
        const rows = await read.selectFrom('records').selectAll().where('id', 'in', some).execute()
        for (const row of await check('records', rows)) found.set(row.id, row)
      }
      return found
    },
  }
}

export function tagQueries({ read, check, checkOne }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('tags').selectAll().where('environment', '=', environment)
  return {
    get: async (environment: EnvironmentId, name: string) =>
      checkOne('tags', await of(environment).where('name', '=', name).executeTakeFirst()),
    list: async (environment: EnvironmentId) => check('tags', await of(environment).orderBy('name').execute()),
  }
}
