import { HeadgateError } from '@headgate/model'
import type pg from 'pg'

/** `pg_current_xact_id` and `pg_xact_status`, by which a lost commit is asked after, came with it. */
const OLDEST_VERSION = 130_000
/** Clocks that differ by more than this make leases and expiry dates hold too long or too short; in milliseconds. */
const SKEW = 2_000

interface Settings {
  readonly version: number
  readonly encoding: string
  readonly fsync: string
  readonly pages: string
  readonly schema: string | null
  readonly standby: boolean
  readonly now: number
}

const SETTINGS = `select current_setting('server_version_num')::int as "version", current_setting('server_encoding') as "encoding",
  current_setting('fsync') as "fsync", current_setting('full_page_writes') as "pages", current_schema() as "schema",
  pg_is_in_recovery() as "standby", (extract(epoch from clock_timestamp()) * 1000)::bigint as "now"`

/**
 * What a server must be to keep a Headgate database, and what its operator should know.
 *
 * @throws DATABASE_UNSUITABLE
 */
export async function examineServer(client: pg.Client, place: string): Promise<{ schema: string; concerns: string[] }> {
  const before = Date.now()
  const { rows } = await client.query<Settings>(SETTINGS)
  const settings = rows[0]
  const unsuitable = (reason: string) => new HeadgateError('DATABASE_UNSUITABLE', { place, reason })
  if (!settings) throw unsuitable('it does not tell its settings')
  const { version, encoding, schema, standby } = settings
  if (version < OLDEST_VERSION)
    throw unsuitable(`the server is of version ${Math.floor(version / 10_000)}, and 13 is the oldest that will do`)
  if (encoding !== 'UTF8') throw unsuitable(`its encoding is ${encoding}, and must be UTF8`)
  if (standby) throw unsuitable('the server stands by for another, and takes no writes')
  if (schema === null) throw unsuitable('its search path names no schema that is there')
  return { schema, concerns: concernsOf(settings, (before + Date.now()) / 2, place) }
}

function concernsOf({ fsync, pages, now }: Settings, here: number, place: string): string[] {
  const concerns: string[] = []
  if (fsync !== 'on') concerns.push(`the server of ${place} has fsync off: what it acknowledged is lost when its machine fails`)
  if (pages !== 'on') concerns.push(`the server of ${place} has full_page_writes off: a failing machine can leave half-written pages`)
  const apart = Math.round(now - here)
  if (Math.abs(apart) > SKEW)
    concerns.push(`the clock of the server of ${place} is ${apart} ms apart from this machine's: leases and expiry dates go by the clock`)
  return concerns
}
