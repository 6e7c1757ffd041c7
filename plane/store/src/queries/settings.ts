import type { LeaseRow } from '../schema/settings.ts'
import type { UnauditedWrite } from '../unaudited.ts'
import type { Reader } from './reader.ts'

export function settingQueries({ read }: Reader, write: UnauditedWrite) {
  return {
    /** A setting's JSON text. */
    get: async (name: string): Promise<string | undefined> =>
      (await read.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value,
    put: async (name: string, value: string): Promise<void> => {
      await write(
        ({ placeholder }) =>
          `insert into "settings" ("name", "value") values (${placeholder(1)}, ${placeholder(2)}) on conflict ("name") do update set "value" = excluded."value"`,
        [name, value],
      )
    },
  }
}

/**
 * Leases: who may act on something until when. Whoever acts on one lets the Change expect it (`kind: 'lease'`), so
 * an owner that was paused past its time cannot write any more.
 */
export function leaseQueries({ read }: Reader, write: UnauditedWrite) {
  const get = (name: string) => read.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst()
  return {
    get,
    /** Takes a lease that is free, expired, or already this owner's. Undefined while somebody else holds it. */
    acquire: async (name: string, owner: string, until: number, now: number): Promise<LeaseRow | undefined> => {
      const taken = await write(
        ({ placeholder }) =>
          `insert into "leases" ("name", "owner", "epoch", "expires_at") values (${placeholder(1)}, ${placeholder(2)}, 1, ${placeholder(3)}) ` +
          `on conflict ("name") do update set "owner" = excluded."owner", "epoch" = "leases"."epoch" + 1, "expires_at" = excluded."expires_at" ` +
          `where "leases"."expires_at" <= ${placeholder(4)} or "leases"."owner" = excluded."owner"`,
        [name, owner, until, now],
      )
      return taken > 0 ? get(name) : undefined
    },
    /** Holds a lease longer. False when it was lost meanwhile. */
    renew: async (lease: LeaseRow, until: number, now: number): Promise<boolean> =>
      (await write(
        ({ placeholder }) =>
          `update "leases" set "expires_at" = ${placeholder(1)} where "name" = ${placeholder(2)} and "owner" = ${placeholder(3)} ` +
          `and "epoch" = ${placeholder(4)} and "expires_at" > ${placeholder(5)}`,
        [until, lease.name, lease.owner, lease.epoch, now],
      )) > 0,
    /** Gives a lease back. One that was lost already is left alone. */
    release: async (lease: LeaseRow): Promise<void> => {
      await write(
        ({ placeholder }) =>
          `update "leases" set "expires_at" = 0 where "name" = ${placeholder(1)} and "owner" = ${placeholder(2)} and "epoch" = ${placeholder(3)}`,
        [lease.name, lease.owner, lease.epoch],
      )
    },
  }
}
