import { HeadgateError } from '@headgate/model'
import type { Database, Snapshot } from '@headgate/store'

/**
 * A consistent view of a database whose failures are said as what they are: a file or a table that cannot be read is
 * damage, and a disk or server that does not answer may pass. Its queries are constant, so nothing else goes wrong with them.
 *
 * @throws DATA_DAMAGED, STORE_UNAVAILABLE; so do the reads of what it answers
 */
export async function readSnapshot(database: Database): Promise<Snapshot> {
  const said = (error: unknown): unknown => {
    if (error instanceof HeadgateError) return error
    const { kind, reason } = database.faultOf(error)
    if (kind === 'other') return new HeadgateError('DATA_DAMAGED', { folder: database.place, reason }, { cause: error })
    return new HeadgateError('STORE_UNAVAILABLE', { reason }, { cause: error })
  }
  const saying = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read()
    } catch (error) {
      throw said(error)
    }
  }
  const snapshot = await saying(() => database.snapshot())
  return {
    all: (sql, parameters) => saying(() => snapshot.all(sql, parameters)),
    async *each(sql, parameters) {
      try {
        // What whoever takes the rows throws does not come by here: it ends this generator, and that is all.
        yield* snapshot.each(sql, parameters)
      } catch (error) {
        throw said(error)
      }
    },
    close: () => snapshot.close(),
  }
}
