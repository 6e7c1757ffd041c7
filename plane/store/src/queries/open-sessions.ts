import type { OpenSessionId } from '@headgate/model'
import type { UnauditedWrite } from '../unaudited.ts'
import type { Reader } from './reader.ts'

export function openSessionQueries({ read }: Reader, write: UnauditedWrite) {
  return {
    /** Expired ones too, until they are swept. */
    get: (id: OpenSessionId) => read.selectFrom('open_sessions').selectAll().where('id', '=', id).executeTakeFirst(),
    /** Forgets what expired; answers how many. */
    sweep: (now: number): Promise<number> =>
      write(({ placeholder }) => `delete from "open_sessions" where "expires_at" <= ${placeholder(1)}`, [now]),
  }
}
