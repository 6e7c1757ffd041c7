import type { AuditOutcome, OrganisationId, PrincipalId } from '@headgate/model'
import type { AuditRow, CheckpointRow } from '../schema/audit.ts'
import type { Reader } from './reader.ts'

export interface AuditFilter {
  readonly organisation?: OrganisationId
  readonly actor?: PrincipalId
  readonly action?: string
  /** What the resource begins with. */
  readonly resourcePrefix?: string
  readonly outcome?: AuditOutcome
  /** Milliseconds since 1970, inclusive. */
  readonly from?: number
  /** Milliseconds since 1970, exclusive. */
  readonly until?: number
}

export interface AuditPage extends AuditFilter {
  /** The number of the last record of the page before. */
  readonly after?: number
  /** Default 100, at most 1,000. */
  readonly limit?: number
  /** Default oldest first. */
  readonly order?: 'oldest' | 'newest'
}

const PAGE = 100
const PAGE_LIMIT = 1_000

export function auditQueries({ read, one, check }: Reader) {
  return {
    get: (change: number) => one('audit', { change }),
    /** Records by what they say, a page at a time. */
    page: async (options: AuditPage = {}): Promise<AuditRow[]> => {
      const newest = options.order === 'newest'
      let query = read.selectFrom('audit').selectAll()
      if (options.organisation !== undefined) query = query.where('organisation', '=', options.organisation)
      if (options.actor !== undefined) query = query.where('actor', '=', options.actor)
      if (options.action !== undefined) query = query.where('action', '=', options.action)
      if (options.outcome !== undefined) query = query.where('outcome', '=', options.outcome)
      if (options.from !== undefined) query = query.where('time', '>=', options.from)
      if (options.until !== undefined) query = query.where('time', '<', options.until)
      if (options.after !== undefined) query = query.where('change', newest ? '<' : '>', options.after)
      if (options.resourcePrefix !== undefined)
        query = query.where('resource', '>=', options.resourcePrefix).where('resource', '<', `${options.resourcePrefix}\u{10ffff}`)
      const rows = await query
        .orderBy('change', newest ? 'desc' : 'asc')
        .limit(Math.min(options.limit ?? PAGE, PAGE_LIMIT))
        .execute()
      return check('audit', rows)
    },
    /** How many records have a place in the log. */
    size: async (): Promise<number> => {
      const row = await read
        .selectFrom('audit')
        .select((select) => select.fn.max('leaf').as('last'))
        .executeTakeFirst()
      return row?.last == null ? 0 : row.last + 1
    },
    /** The newest signed checkpoint. */
    checkpoint: async (): Promise<CheckpointRow | undefined> =>
      read.selectFrom('checkpoints').selectAll().orderBy('size', 'desc').limit(1).executeTakeFirst(),
  }
}
