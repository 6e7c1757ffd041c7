import type { AuditSegmentRow } from '../schema/audit-segments.ts'
import type { AuditRow } from '../schema/audit.ts'
import type { UnauditedWrite } from '../unaudited.ts'
import type { Reader } from './reader.ts'

/** The log by its places, and what was let go of. */
export function auditSegmentQueries({ read, check }: Reader, write: UnauditedWrite) {
  return {
    /** Neighbouring records, in the order of the log. */
    range: async (first: number, end: number): Promise<AuditRow[]> =>
      check(
        'audit',
        await read.selectFrom('audit').selectAll().where('leaf', '>=', first).where('leaf', '<', end).orderBy('leaf').execute(),
      ),
    /** The first place whose record is not older, and the one behind the last whose record is; undefined where there is none. */
    leavesBetween: async (from: number | undefined, until: number | undefined): Promise<{ first: number; end: number } | undefined> => {
      let query = read.selectFrom('audit').select((select) => [select.fn.min('leaf').as('first'), select.fn.max('leaf').as('last')])
      if (from !== undefined) query = query.where('time', '>=', from)
      if (until !== undefined) query = query.where('time', '<', until)
      const row = await query.executeTakeFirst()
      return row?.first == null || row.last == null ? undefined : { first: row.first, end: row.last + 1 }
    },
    /** What was let go of, oldest first. */
    segments: async (): Promise<AuditSegmentRow[]> =>
      check('audit_segments', await read.selectFrom('audit_segments').selectAll().orderBy('end').execute()),
    /**
     * Removes some of the records in front of a place, the oldest first, once a segment row stands for them. Answers how
     * many; 0 when all are gone.
     */
    drop: (end: number, limit: number): Promise<number> =>
      write(
        ({ placeholder }) =>
          `delete from "audit" where "leaf" < ${placeholder(1)} and "leaf" < (select min("leaf") from "audit") + ${placeholder(2)}`,
        [end, limit],
      ),
    /** Removes the signed checkpoints of sizes that are gone. */
    dropCheckpoints: (end: number): Promise<number> =>
      write(({ placeholder }) => `delete from "checkpoints" where "size" < ${placeholder(1)}`, [end]),
  }
}
