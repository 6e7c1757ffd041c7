import type { EnvironmentId, OrganisationId, PrincipalId, RecordId } from '@headgate/model'
import type { EnvironmentRow, RecordRow } from '../schema/environments.ts'
import type { Reader } from './reader.ts'

export function environmentQueries({ read, one, check }: Reader) {
  const all = () => read.selectFrom('environments').selectAll()
  return {
    /** Deleted ones too. */
    get: (id: EnvironmentId) => one('environments', { id }),
    /** By its names; a deleted one is not found. */
    find: (organisation: OrganisationId, project: string, name: string) =>
      one('environments', { organisation, project, name, deleted_at: null }),
    list: async (organisation: OrganisationId, options: { readonly project?: string; readonly deleted?: 'without' | 'only' } = {}) => {
      let query = all().where('organisation', '=', organisation)
      if (options.project !== undefined) query = query.where('project', '=', options.project)
      query = query.where('deleted_at', options.deleted === 'only' ? 'is not' : 'is', null)
      return check('environments', await query.orderBy('project').orderBy('name').execute())
    },
  }
}

/** Where an environment began and where it is: what a list says of its revisions. */
export interface RevisionEnds {
  readonly madeBy: PrincipalId
  readonly changedAt: number
}

/** Environments whose revisions are read by one statement: their texts come along, to be checked. */
const ENDS_AT_ONCE = 100

/** Revisions shown at once unless a caller asks for another number. */
const PAGE = 100

export function revisionQueries({ read, one, check, checkOne }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('revisions').selectAll().where('environment', '=', environment)
  return {
    get: (environment: EnvironmentId, number: number) => one('revisions', { environment, number }),
    /** The first and the newest revision of many environments, without opening a text. */
    ends: async (environments: readonly EnvironmentRow[]): Promise<Map<EnvironmentId, RevisionEnds>> => {
      const ends = new Map<EnvironmentId, RevisionEnds>()
      for (let start = 0; start < environments.length; start += ENDS_AT_ONCE) {
        const some = environments.slice(start, start + ENDS_AT_ONCE)
        const ids = some.map(({ id }) => id)
        const rows = await read
          .selectFrom('revisions')
          .innerJoin('environments', 'environments.id', 'revisions.environment')
          .selectAll('revisions')
          .where('environments.id', 'in', ids)
          .where((where) =>
            where.or([where('revisions.number', '=', 1), where('revisions.number', '=', where.ref('environments.head_revision'))]),
          )
          .execute()
        for (const row of await check('revisions', rows)) {
          const known = ends.get(row.environment)
          const madeBy = row.number === 1 ? row.author : (known?.madeBy ?? row.author)
          ends.set(row.environment, { madeBy, changedAt: Math.max(row.created_at, known?.changedAt ?? 0) })
        }
      }
      return ends
    },
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

export function tagQueries({ read, one, check }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('tags').selectAll().where('environment', '=', environment)
  return {
    get: (environment: EnvironmentId, name: string) => one('tags', { environment, name }),
    list: async (environment: EnvironmentId) => check('tags', await of(environment).orderBy('name').execute()),
  }
}
