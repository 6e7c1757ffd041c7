import { routes } from '@headgate/contract'
import type { EnvironmentName, TokenId } from '@headgate/model'
import { authorise } from '../access/authorise.ts'
import { callerOf } from '../access/authenticate.ts'
import { openEnvironment } from '../environments/open-environment.ts'
import { Rendered } from '../kept/rendered.ts'
import { recordOf } from '../perform.ts'
import type { Caller, Outcome, RequestOrigin, RunningPlane } from '../plane.ts'

/** Sockets named in one record; a fleet behind one address has several. */
const SESSIONS_IN_RECORD = 250

/** What is opened for everybody who follows the same with the same token. */
export interface FollowedEnvironment {
  readonly token: TokenId
  readonly name: EnvironmentName
  /** A revision or a tag; absent for the newest. */
  readonly version: string | undefined
}

/** What a token came to open: nothing has left yet, and nothing is on record. */
export interface FollowersOpening {
  readonly answer: Rendered
  /**
   * Puts on record that these sockets get it: one record for each address they come from, as if each had asked, with the
   * sockets by the ids of their requests. All are one commit, or few.
   *
   * @returns those whose record is on disk; the others must not get it
   */
  record(origins: readonly RequestOrigin[]): Promise<ReadonlySet<RequestOrigin>>
}

/**
 * Opens an environment as whoever has this token would by asking: token, owner and rights are looked up now. What is refused
 * here leaves no record, since nothing is handed out and nobody asked; it leaves one when the program asks for itself.
 */
export async function openForFollowers(plane: RunningPlane, followed: FollowedEnvironment): Promise<FollowersOpening | undefined> {
  const { token, name, version } = followed
  const row = await plane.store.tokens.get(token)
  const caller = row && (await callerOf(plane, row))
  if (!caller?.ok) return undefined
  const params = { ...name }
  if (!authorise(plane, 'openEnvironment', routes.openEnvironment, params, caller.value).ok) return undefined
  const query = version === undefined ? {} : { version }
  const opened = await openEnvironment(plane, caller.value, { params, query, body: undefined })
  if (!opened.ok || !(opened.value.answer instanceof Rendered)) return undefined
  const { answer, details } = opened.value
  return { answer, record: (origins) => recordFor(plane, caller.value, name, details, origins) }
}

async function recordFor(
  plane: RunningPlane,
  caller: Caller,
  name: EnvironmentName,
  details: Outcome<unknown>['details'],
  origins: readonly RequestOrigin[],
): Promise<ReadonlySet<RequestOrigin>> {
  const recorded = new Set<RequestOrigin>()
  const commit = async (address: string, some: readonly RequestOrigin[]): Promise<void> => {
    const sessions = some.map(({ request }) => request)
    const audit = recordOf(plane, 'openEnvironment', caller, { ...name }, 'ok', { ...details, sessions, address })
    const committed = await plane.counts.whileWaiting(plane.changes.commit({ expect: [], writes: [], audit }))
    if (!committed.ok) return
    for (const origin of some) {
      recorded.add(origin)
      plane.counts.note('openEnvironment', 'ok', undefined)
    }
  }
  const byAddress = Map.groupBy(origins, ({ address }) => address)
  const commits = [...byAddress].flatMap(([address, all]) => inParts(all, SESSIONS_IN_RECORD).map((some) => commit(address, some)))
  // One that fails keeps back only what it was the record of.
  await Promise.allSettled(commits)
  if (recorded.size > 0 && !caller.pin) plane.store.tokens.used(caller.token.id, plane.now())
  return recorded
}

function inParts<T>(all: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size))
}
