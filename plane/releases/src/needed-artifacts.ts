import type { ReleaseId } from '@headgate/model'
import type { ReleaseRow, TargetRow } from '@headgate/store'
import { broughtLive } from './release-reference.ts'
import { releaseOf, targetOf } from './rows.ts'
import type { Surroundings } from './surroundings.ts'

/** So many different kinds of code of each target can be brought live: those that were so last, and those made into a release last. */
const KEPT_CODES = 20
/** How far back they are looked for: at first, and where most of what was released there differs in its settings alone. */
const LOOKED_AT = [60, 1000]

export interface NeededArtifacts {
  /** Of what is live, under way or running, and of what that would go back to. */
  readonly urgent: ReadonlySet<string>
  /** Of the last kinds of code. */
  readonly newest: ReadonlySet<string>
}

/**
 * The artifacts of a target that every node keeps. This alone decides what a node brings from the others and what it
 * removes, so that none removes what another one counts on.
 */
export async function neededArtifacts(surroundings: Surroundings, row: TargetRow): Promise<NeededArtifacts> {
  const { store, organisation } = surroundings
  const target = targetOf(row)
  const run = row.run === null ? undefined : await store.runs.get(row.run)
  const underWay = run && (await store.deployments.get(run.deployment))
  const instances = await store.instances.active(organisation.id, target)
  const [newest] = await store.deployments.list(organisation.id, target, 1)
  const deployments = [underWay, newest].flatMap((one) => (one ? [one.release, one.previous] : []))
  const urgent = new Set<string>()
  for (const id of new Set([row.live, ...deployments, ...instances.map(({ release }) => release)])) {
    for (const artifact of await artifactsOf(surroundings, id)) urgent.add(artifact)
  }
  return { urgent, newest: await newestCodes(surroundings, row) }
}

/** Artifacts of whatever runs on this machine; undefined where something runs of which nothing is known. */
export async function runningArtifacts(surroundings: Surroundings): Promise<ReadonlySet<string> | undefined> {
  const { store, driver } = surroundings
  const running = new Set<string>()
  for (const { id } of await driver.running()) {
    const instance = await store.instances.get(id)
    if (!instance) return undefined
    for (const artifact of await artifactsOf(surroundings, instance.release)) running.add(artifact)
  }
  return running
}

async function artifactsOf({ store }: Surroundings, id: ReleaseId | null | undefined): Promise<readonly string[]> {
  const row = id ? await store.releases.get(id) : undefined
  return row ? artifactsIn(row) : []
}

function artifactsIn(row: ReleaseRow): readonly string[] {
  return releaseOf(row).content.services.map(({ artifact }) => artifact)
}

async function newestCodes(surroundings: Surroundings, row: TargetRow): Promise<Set<string>> {
  const { store, organisation } = surroundings
  const target = targetOf(row)
  let found = new Set<string>()
  for (const limit of LOOKED_AT) {
    const made = await store.releases.list(organisation.id, target, limit)
    const deployments = await store.deployments.list(organisation.id, target, limit)
    const known = new Map(made.map((release) => [release.id, artifactsIn(release)]))
    const wereLive = [...new Set(deployments.filter(broughtLive).map(({ release }) => release))].filter((id) => id !== null)
    for (const id of wereLive) if (!known.has(id)) known.set(id, await artifactsOf(surroundings, id))
    const codesOf = (ids: readonly ReleaseId[]) => distinctCodes(ids.map((id) => known.get(id) ?? []))
    const [ofLive, ofMade] = [codesOf(wereLive), codesOf(made.map(({ id }) => id))]
    found = new Set([...ofLive, ...ofMade].flat())
    const all = made.length < limit && deployments.length < limit
    if (all || (ofLive.length === KEPT_CODES && ofMade.length === KEPT_CODES)) break
  }
  return found
}

/** The first of the codes that differ: what differs in its settings alone is the same. */
function distinctCodes(codes: readonly (readonly string[])[]): (readonly string[])[] {
  const distinct = new Map(codes.filter(({ length }) => length > 0).map((artifacts) => [artifacts.toSorted().join(), artifacts]))
  return [...distinct.values()].slice(0, KEPT_CODES)
}
