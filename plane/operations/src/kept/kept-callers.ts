import { hash, randomBytes } from 'node:crypto'
import { type Result, type Secret, refuse } from '@headgate/model'
import type { Store } from '@headgate/store'
import type { Caller } from '../plane.ts'

/**
 * How long a caller may be taken for what they were, in milliseconds, where no commit of this process said otherwise.
 * Another process's commits come by notification, which may be lost: this is the bound on a revocation then.
 */
export const CALLER_AGE = 500

/** Callers kept at a time; the oldest goes. */
const CALLER_LIMIT = 10_000

/**
 * The tables that are written all the time and say nothing of who somebody is or what they may do. A commit that writes to
 * any other makes everybody be looked up anew, so a table of access control that is added later is not forgotten here.
 */
const otherTables: ReadonlySet<string> = new Set([
  'environments',
  'revisions',
  'records',
  'tags',
  'open_sessions',
  'webhook_deliveries',
  'deployments',
  'runs',
  'steps',
  'instances',
  'leases',
])

interface Kept {
  readonly caller: Caller
  readonly since: number
}

/**
 * Who signed in lately, so that a request does not look up token, principal, bindings and roles every time. Only
 * successes are kept; what expires by the clock is looked at on every request, because a kept caller brings the times along.
 *
 * @param authenticate looks a token up in the store
 */
export function keepCallers(
  store: Pick<Store, 'onCommit'>,
  now: () => number,
  authenticate: (token: Secret | undefined) => Promise<Result<Caller>>,
) {
  const callers = new Map<string, Kept>()
  // Not the token, and nothing that could be compared with a digest in the database.
  const pepper = randomBytes(32).toString('base64')
  let generation = 0

  const forget = store.onCommit(({ tables }) => {
    if (tables.every((table) => otherTables.has(table))) return
    generation += 1
    callers.clear()
  })

  const lookUp = async (token: Secret, key: string, since: number): Promise<Result<Caller>> => {
    const asked = generation
    const found = await authenticate(token)
    callers.delete(key)
    // What a commit in between changed is not known, so what was read before it is not kept.
    if (found.ok && asked === generation) {
      callers.set(key, { caller: found.value, since })
      if (callers.size > CALLER_LIMIT) callers.delete(callers.keys().next().value as string)
    }
    return found
  }

  return {
    /** At once for whoever signed in lately. */
    authenticate(token: Secret | undefined): Result<Caller> | Promise<Result<Caller>> {
      if (!token) return authenticate(token)
      const key = hash('sha256', pepper + token.reveal(), 'binary')
      const kept = callers.get(key)
      const time = performance.now()
      if (kept && time - kept.since < CALLER_AGE) return stillValid(kept.caller, now())
      return lookUp(token, key, time)
    },
    close(): void {
      forget()
      callers.clear()
    },
  }
}

function stillValid(caller: Caller, now: number): Result<Caller> {
  const { expires } = caller.token
  if (expires !== undefined && expires <= now) return refuse('TOKEN_EXPIRED', { expired: new Date(expires).toISOString() })
  return { ok: true, value: caller }
}
