import type { EnvironmentId } from '@headgate/model'
import type { UnauditedWrite } from '../unaudited.ts'
import type { Reader } from './reader.ts'

export function webhookQueries({ read, one, check }: Reader) {
  const of = (environment: EnvironmentId) => read.selectFrom('webhooks').selectAll().where('environment', '=', environment)
  return {
    get: (environment: EnvironmentId, name: string) => one('webhooks', { environment, name }),
    list: async (environment: EnvironmentId) => check('webhooks', await of(environment).orderBy('name').execute()),
  }
}

export function webhookDeliveryQueries({ read }: Reader, write: UnauditedWrite) {
  const all = () => read.selectFrom('webhook_deliveries').selectAll()
  return {
    get: (id: string) => all().where('id', '=', id).executeTakeFirst(),
    /** Newest first. */
    list: (environment: EnvironmentId, webhook: string, limit: number) =>
      all()
        .where('environment', '=', environment)
        .where('webhook', '=', webhook)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute(),
    /** Everything kept of one environment. */
    all: (environment: EnvironmentId) => all().where('environment', '=', environment).execute(),
    /** What is to be tried by now, the longest waiting first. */
    due: (now: number, limit: number) => all().where('next_at', '<=', now).orderBy('next_at').orderBy('id').limit(limit).execute(),
    /** Forgets messages that were made before a time. */
    sweep: (before: number): Promise<number> =>
      write(({ placeholder }) => `delete from "webhook_deliveries" where "created_at" < ${placeholder(1)}`, [before]),
  }
}
