import type { Answer } from '@headgate/contract'
import { type Problem, type Result, ok, problemOf, shortName } from '@headgate/model'
import type { CallInput, PlaneClient } from './http.ts'
import type { Settings } from './settings.ts'
import { type JsonObject, type Snapshot, freezeDeep } from './snapshot.ts'
import type { Clock } from './surroundings.ts'

/** Asks a plane for the values of one environment, again and again. */
export interface PlaneSource {
  fetch(): Promise<Result<Snapshot>>
  /** What the plane sent of its own accord; of use once it was asked, and said whose the environment is. */
  read(opened: Answer<'openEnvironment'>): Result<Snapshot>
}

type Asked = Pick<Settings<unknown>, 'reference' | 'answerWithinMs'>

/** The organisation is asked for once, where nobody named it: it is the token's own. */
export function createPlaneSource(client: PlaneClient, { reference, answerWithinMs }: Asked, clock: Clock): PlaneSource {
  let organisation = reference.organisation
  const { project, environment, version } = reference
  const snapshot = (opened: Answer<'openEnvironment'>, organisation: string, readAt: number): Result<Snapshot> =>
    snapshotOf(opened, { organisation, project, environment, readAt, url: client.url })
  const within = <V>(call: (signal: AbortSignal) => Promise<Result<V>>): Promise<Result<V>> => answered(client.url, answerWithinMs, call)
  return {
    async fetch() {
      if (organisation === undefined) {
        const session = await within((signal) => client.call('getSession', {}, { signal }))
        if (!session.ok) return session
        organisation = session.value.organisation
      }
      const input: CallInput<'openEnvironment'> = {
        params: { organisation, project, environment },
        query: version === undefined ? {} : { version: String(version) },
      }
      const readAt = clock.now()
      const opened = await within((signal) => client.call('openEnvironment', input, { signal }))
      return opened.ok ? snapshot(opened.value, organisation, readAt) : opened
    },
    read(opened) {
      if (organisation === undefined)
        return { ok: false, problem: problemOf('ANSWER_UNREADABLE', { url: client.url, reason: 'nobody asked yet' }) }
      const read = snapshot(opened, organisation, clock.now())
      return read.ok ? ok({ ...read.value, pushed: true }) : read
    },
  }
}

/** A plane that says nothing for too long is one that cannot be reached. */
async function answered<V>(url: string, milliseconds: number, call: (signal: AbortSignal) => Promise<Result<V>>): Promise<Result<V>> {
  const signal = AbortSignal.timeout(milliseconds)
  try {
    return await call(signal)
  } catch (error) {
    if (!signal.aborted) throw error
    return { ok: false, problem: problemOf('PLANE_UNREACHABLE', { url, reason: `no answer within ${milliseconds / 1000} s` }) }
  }
}

export interface Named {
  readonly organisation: string
  readonly project: string
  readonly environment: string
  readonly readAt: number
  readonly url: string
}

/** What an answer of the plane gives a program. */
export function snapshotOf(
  answer: Answer<'openEnvironment'>,
  { organisation, project, environment, readAt, url }: Named,
): Result<Snapshot> {
  const { revision, closure, values, secrets, variables, files, configuration } = answer
  if (!Number.isInteger(revision) || typeof values !== 'object' || !Array.isArray(secrets) || !Array.isArray(variables)) {
    return { ok: false, problem: problemOf('ANSWER_UNREADABLE', { url, reason: 'it lacks a revision or values' }) }
  }
  return ok({
    source: 'plane',
    environment: shortName({ organisation, project, environment }),
    organisation,
    revision,
    closure: closure ?? [],
    values: freezeDeep(values as JsonObject),
    secrets,
    variables: new Map(variables.map(({ name, value, secret }) => [name, { value, secret }])),
    ...(Array.isArray(files) ? { files: new Map(files.map(({ name, value, secret }) => [name, { value, secret }])) } : {}),
    ...(configuration === undefined ? {} : { configuration }),
    readAt,
  })
}

const REFUSALS = new Set<string>([
  ...['TOKEN_MISSING', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'PRINCIPAL_SUSPENDED', 'PERMISSION_DENIED', 'OPEN_DENIED_IMPORT'],
  ...['ENV_NOT_FOUND', 'OPEN_IMPORT_NOT_FOUND', 'REVISION_NOT_FOUND', 'TAG_NOT_FOUND'],
])

/**
 * Whether the plane itself said no (401, 403, 404): then nothing kept may stand in for its answer. A proxy's 404, or a
 * route that this plane does not know, is no such answer.
 */
export function isRefusal(problem: Problem): boolean {
  return REFUSALS.has(problem.code)
}
