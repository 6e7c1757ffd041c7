import { type Release, type ReleaseTarget, type Result, idOf, ok, refuse } from '@headgate/model'
import type { DeploymentRow, ReleaseRow } from '@headgate/store'
import { releaseOf } from './rows.ts'
import type { Surroundings } from './surroundings.ts'

/** Shorter beginnings of an id are more likely a slip than a name. */
const SHORTEST_PREFIX = 4

/** Finds a release of a target by its `#number`, its version, its id, or the beginning of its id. */
export async function findRelease(
  { store, organisation }: Surroundings,
  target: ReleaseTarget,
  reference: string,
): Promise<Result<Release>> {
  const { releases } = store
  if (/^#\d{1,9}$/.test(reference)) return found(await releases.byNumber(organisation.id, target, Number(reference.slice(1))), reference)
  const exact = await releases.get(idOf<'release'>(reference))
  if (exact && exact.organisation === organisation.id && exact.project === target.project && exact.environment === target.environment) {
    return ok(releaseOf(exact))
  }
  const labelled = await releases.byVersion(organisation.id, target, reference)
  if (labelled) return ok(releaseOf(labelled))
  if (!/^[0-9a-f]+$/.test(reference) || reference.length < SHORTEST_PREFIX) return refuse('RELEASE_NOT_FOUND', { release: reference })
  const [first, second] = await releases.beginning(organisation.id, target, reference)
  return second ? refuse('RELEASE_AMBIGUOUS', { release: reference }) : found(first, reference)
}

function found(row: ReleaseRow | undefined, reference: string): Result<Release> {
  return row ? ok(releaseOf(row)) : refuse('RELEASE_NOT_FOUND', { release: reference })
}

/**
 * The release that was live before: before the deployment that first made the present one live, so that going back
 * twice goes back by two, and deploying the same once more changes nothing of it. Where nothing is live, the one that was
 * live last.
 */
export async function previousRelease({ store, organisation }: Surroundings, target: ReleaseTarget): Promise<Result<Release>> {
  const row = await store.targets.get(organisation.id, target)
  const history = await store.deployments.list(organisation.id, target, HISTORY)
  const wasLive = history.filter((deployment) => deployment.release !== null && broughtLive(deployment))
  const live = row?.live
  const id = live
    ? wasLive.find(({ release, previous, kind }) => release === live && previous !== live && kind !== 'rollback')?.previous
    : wasLive[0]?.release
  const release = id ? await store.releases.get(id) : undefined
  return release ? ok(releaseOf(release)) : refuse('RELEASE_NOT_FOUND', { release: 'previous' })
}

/** Whether a deployment did what it was to do, so that its release is one to go back to. */
export function broughtLive({ state }: DeploymentRow): boolean {
  return state === 'live' || state === 'superseded' || state === 'stopped'
}

const HISTORY = 1000
