import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Deployment,
  type DeploymentId,
  HeadgateError,
  type Release,
  type ReleaseTarget,
  type Result,
  ok,
  refuse,
} from '@headgate/model'
import type { DeploymentRow, StepRow } from '@headgate/store'
import { AskedBack, isPastReturn } from './active-run.ts'
import type { ArtifactSource } from './artifacts/artifact-source.ts'
import { ARTIFACTS } from './artifacts/artifact-folders.ts'
import { openArtifactStore } from './artifacts/artifact-store.ts'
import { type BeginDeployment, beginDeployment, planDeployment } from './begin-deployment.ts'
import { systemClock } from './clock.ts'
import { createRelease, refreezeRelease } from './create-release.ts'
import { Feed, Feeds, type ReleaseEvent } from './feed.ts'
import { Keepers } from './keepers.ts'
import type { TakeOver } from './lease.ts'
import { probeHttp } from './probe.ts'
import { controlGroups } from './process/control-group.ts'
import { openFence } from './process/fence.ts'
import { openPrivateFiles } from './process/private-files.ts'
import { createProcessDriver } from './process/process-driver.ts'
import { readLogs } from './read-logs.ts'
import { emptyStatus, readStatus } from './read-status.ts'
import { findRelease, previousRelease } from './release-reference.ts'
import type { DeploymentDetail, PlannedDeployment, Releases } from './releases.ts'
import { keepRemovingArtifacts } from './remove-artifacts.ts'
import { replayDeployment } from './replay-deployment.ts'
import { deploymentOf, releaseOf, runOf, stepOf, targetOf } from './rows.ts'
import { showSteps } from './show-steps.ts'
import type { Surroundings } from './surroundings.ts'

export interface OpenReleasesOptions extends Pick<
  Surroundings,
  'organisation' | 'store' | 'changes' | 'configuration' | 'router' | 'owner'
> {
  /** The data folder; `artifacts` and `instances` in it belong to releases. */
  readonly folder: string
  readonly takeOver: TakeOver
  /** Other nodes, which may have artifacts that were uploaded there. */
  readonly elsewhere?: ArtifactSource
  readonly clock?: Surroundings['clock']
  readonly prober?: Surroundings['prober']
  readonly log?: Surroundings['log']
  /** Where commands of services are looked for; default: the plane's own PATH. */
  readonly path?: string
  /** The control group below which instances get theirs; default: the plane's own, where the kernel allows it. */
  readonly controlGroup?: string
}

/**
 * Opens the releases of a data folder: finds running instances again, takes over what an earlier plane left unfinished,
 * and keeps what is live alive from then on.
 */
export async function openReleases(options: OpenReleasesOptions): Promise<Releases> {
  const surroundings = await surroundingsOf(options)
  const feeds = new Feeds()
  const keepers = new Keepers(surroundings, feeds, options.takeOver)
  await keepers.openAll()
  const stopRemoving = keepRemovingArtifacts(surroundings)
  const close = async () => (await stopRemoving(), keepers.close())
  return { ...releasesOver(surroundings, feeds, keepers), close }
}

async function surroundingsOf(options: OpenReleasesOptions): Promise<Surroundings> {
  const { organisation, store, changes, configuration, router, owner, clock = systemClock } = options
  const instances = join(options.folder, 'instances')
  await mkdir(instances, { recursive: true, mode: 0o700 })
  const groups = await controlGroups(options.controlGroup)
  const log = options.log ?? (() => undefined)
  log({ event: groups ? 'limits are kept by the kernel' : 'limits are watched' })
  const driver = createProcessDriver({
    folder: instances,
    fence: await openFence(join(instances, 'fence')),
    files: await openPrivateFiles(instances),
    clock,
    ...(groups ? { groups } : {}),
    ...(options.path === undefined ? {} : { path: options.path }),
  })
  return {
    organisation,
    store,
    changes,
    configuration,
    router,
    owner,
    clock,
    driver,
    artifacts: await openArtifactStore(join(options.folder, ARTIFACTS), options.elsewhere),
    prober: options.prober ?? probeHttp,
    log,
  }
}

const PAGE = 50

function releasesOver(surroundings: Surroundings, feeds: Feeds, keepers: Keepers): Omit<Releases, 'close'> {
  const { store, organisation } = surroundings
  const begin = (target: ReleaseTarget, order: BeginDeployment) => beginAt(keepers, feeds, target, order)
  return {
    artifacts: surroundings.artifacts,
    create: (order) => createRelease(surroundings, order),
    plan: (order) => planAt(surroundings, keepers, order),
    async deploy({ release: id, by }) {
      const row = await store.releases.get(id)
      return row ? begin(targetOf(row), { release: releaseOf(row), by }) : refuse('RELEASE_NOT_FOUND', { release: id })
    },
    async rollback({ target, to, by }) {
      const release = to === 'previous' ? await previousRelease(surroundings, target) : await findRelease(surroundings, target, to)
      return release.ok ? begin(target, { release: release.value, kind: 'rollback', by }) : release
    },
    async reconfigure({ target, by }) {
      const live = await liveRelease(surroundings, target)
      if (!live) return refuse('NOTHING_LIVE', { target: `${target.project}/${target.environment}` })
      const next = await refreezeRelease(surroundings, live, by)
      if (!next.ok || next.value === undefined) return next.ok ? ok(undefined) : next
      return begin(target, { release: next.value, kind: 'configuration', by })
    },
    stop: ({ target, by }) => begin(target, { kind: 'stop', by }),
    abort: (order) => abortDeployment(surroundings, keepers, order),
    settled: (id, signal) => settle(surroundings, feeds, id, signal),
    events: (id, signal) => follow(surroundings, feeds, id, signal),
    async status(target) {
      const known = await store.targets.get(organisation.id, target)
      if (!known) return ok(await emptyStatus(surroundings, target))
      const keeper = await keepers.of(target)
      return keeper.ok ? ok(await readStatus(keeper.value)) : keeper
    },
    keptElsewhere: (target) => keepers.elsewhere(target),
    targets: async () => (await store.targets.list(organisation.id)).map(targetOf),
    find: (target, reference) => findRelease(surroundings, target, reference),
    list: async (target, { limit = PAGE } = {}) => (await store.releases.list(organisation.id, target, limit)).map(releaseOf),
    deployments: async (target, { limit = PAGE } = {}) => (await store.deployments.list(organisation.id, target, limit)).map(deploymentOf),
    show: (id) => showDeployment(surroundings, id),
    logs: (order) => readLogs(surroundings, order),
  }
}

async function beginAt(keepers: Keepers, feeds: Feeds, target: ReleaseTarget, order: BeginDeployment): Promise<Result<Deployment>> {
  const keeper = await keepers.of(target)
  if (!keeper.ok) return keeper
  const begun = await keeper.value.exclusively(() => beginDeployment(keeper.value, feeds, order))
  return begun.ok ? ok(deploymentOf(begun.value)) : begun
}

async function planAt(
  surroundings: Surroundings,
  keepers: Keepers,
  { target, release: id, direction }: Parameters<Releases['plan']>[0],
): Promise<Result<PlannedDeployment>> {
  const keeper = await keepers.of(target)
  if (!keeper.ok) return keeper
  const row = id === undefined ? undefined : await surroundings.store.releases.get(id)
  if (id !== undefined && !row) return refuse('RELEASE_NOT_FOUND', { release: id })
  const release = row && releaseOf(row)
  const kind = release === undefined ? 'stop' : direction === 'back' ? 'rollback' : 'release'
  const steps = await planDeployment(keeper.value, { kind, ...(release ? { release } : {}) })
  const checked = release && (await surroundings.configuration.check({ target, frozen: release.content.configuration }))
  if (checked && !checked.ok) return checked
  const shown = showSteps(steps, 'forward')
  return ok({
    steps: steps.flatMap((step, index) => (shown[index] ? [{ ...shown[index], step }] : [])),
    notes: checked ? checked.value.notes : [],
  })
}

async function liveRelease({ store, organisation }: Surroundings, target: ReleaseTarget): Promise<Release | undefined> {
  const row = await store.targets.get(organisation.id, target)
  const live = row?.live ? await store.releases.get(row.live) : undefined
  return live && releaseOf(live)
}

async function abortDeployment(
  surroundings: Surroundings,
  keepers: Keepers,
  { deployment: id, by, reason }: Parameters<Releases['abort']>[0],
): Promise<Result<Deployment>> {
  const row = await surroundings.store.deployments.get(id)
  if (!row) return refuse('DEPLOYMENT_NOT_FOUND', { deployment: id })
  const active = (await keepers.held(targetOf(row)))?.active
  if (!active || active.deployment.id !== id || active.run.direction === 'back' || isPastReturn(active)) {
    return refuse('DEPLOYMENT_ENDED', { deployment: id, state: row.state })
  }
  active.asked.abort(new AskedBack(reason === undefined ? `by ${by.name}` : `by ${by.name}: ${reason}`))
  return ok(deploymentOf(active.deployment))
}

async function settle({ store }: Surroundings, feeds: Feeds, id: DeploymentId, signal: AbortSignal | undefined): Promise<Deployment> {
  const feed = feeds.get(id)
  if (feed) for await (const _ of feed.follow(signal)) continue
  return deploymentOf(await deploymentRow(store, id))
}

async function* follow(
  surroundings: Surroundings,
  feeds: Feeds,
  id: DeploymentId,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReleaseEvent> {
  const known = feeds.get(id)
  if (known) {
    yield* known.follow(signal)
    return
  }
  const feed = new Feed()
  await replayDeployment(surroundings, feed, await deploymentRow(surroundings.store, id))
  feed.end()
  yield* feed.follow(signal)
}

async function deploymentRow(store: Surroundings['store'], id: DeploymentId): Promise<DeploymentRow> {
  const row = await store.deployments.get(id)
  if (!row) throw new HeadgateError('DEPLOYMENT_NOT_FOUND', { deployment: id })
  return row
}

async function showDeployment({ store }: Surroundings, id: DeploymentId): Promise<Result<DeploymentDetail>> {
  const row = await store.deployments.get(id)
  if (!row) return refuse('DEPLOYMENT_NOT_FOUND', { deployment: id })
  const release = row.release === null ? undefined : await store.releases.get(row.release)
  const runs = await store.runs.of(id)
  const shown = runs.map(async (run) => {
    const rows = await store.steps.of(run.id)
    const steps = showSteps(rows.map(stepOf), run.direction)
    return { run: runOf(run), steps: rows.flatMap((step, index) => (steps[index] ? [{ ...steps[index], ...timesOf(step) }] : [])) }
  })
  return ok({ deployment: deploymentOf(row), ...(release ? { release: releaseOf(release) } : {}), runs: await Promise.all(shown) })
}

function timesOf({ state, started_at, ended_at, detail }: StepRow) {
  return {
    state,
    ...(started_at === null ? {} : { startedAt: started_at }),
    ...(ended_at === null ? {} : { endedAt: ended_at }),
    ...(detail === null ? {} : { detail }),
  }
}
