import { randomUUID } from 'node:crypto'
import { type DeploymentKind, type Release, type Result, idOf, ok, refuse } from '@headgate/model'
import { type Step, plan } from '@headgate/rollout'
import type { DeploymentRow, Fields } from '@headgate/store'
import { type ActiveRun, activeRunOf, isPastReturn } from './active-run.ts'
import type { Actor } from './configuration-source.ts'
import { desiredOf } from './desired.ts'
import { codeDigest, configurationDigest } from './digests.ts'
import { Draft } from './draft.ts'
import { type RunRows, draftRun } from './draft-run.ts'
import { executeDeployment } from './execute-run.ts'
import type { Feeds } from './feed.ts'
import { draftHandedOn, handOn, tellHandedOn } from './hand-on.ts'
import { enter } from './journal.ts'
import { targetName } from './rows.ts'
import { showSteps } from './show-steps.ts'
import type { TargetKeeper } from './target-keeper.ts'

export interface BeginDeployment {
  /** Absent: everything of the target is to be stopped. */
  readonly release?: Release
  readonly kind?: DeploymentKind
  readonly by: Actor
}

/** A plan against what is there now. A way back to an earlier release is not watched: it proved good before. */
export async function planDeployment(keeper: TargetKeeper, { release, kind }: Pick<BeginDeployment, 'release' | 'kind'>): Promise<Step[]> {
  return plan(await keeper.observe(keeper.stopped), desiredOf(release, kind === 'rollback' ? 'back' : 'forward'))
}

/**
 * Begins a deployment: plans it, writes it down with all its steps, and executes it in the background. Refused while
 * another is not live yet; one that is live and still drains what it replaced leaves the rest of that to this one.
 */
export async function beginDeployment(keeper: TargetKeeper, feeds: Feeds, order: BeginDeployment): Promise<Result<DeploymentRow>> {
  if (keeper.active && !isPastReturn(keeper.active)) return locked(keeper.active)
  const taken = order.release && (await takenDomain(keeper, order.release))
  if (taken) return refuse('DOMAIN_TAKEN', taken)
  const before = await handOn(keeper)
  let begun: Result<DeploymentRow> | undefined
  try {
    begun = await writeDeployment(keeper, feeds, order, before)
    return begun
  } finally {
    if (before && begun?.ok !== true) takeBack(keeper, before)
  }
}

/** One Change ends what is handed on and begins what is asked for, so that at no moment nobody has the rest to do. */
async function writeDeployment(
  keeper: TargetKeeper,
  feeds: Feeds,
  order: BeginDeployment,
  before: ActiveRun | undefined,
): Promise<Result<DeploymentRow>> {
  const { surroundings, target, lease } = keeper
  // Older code that nothing needed until now; from the next line of the journal on it does.
  for (const { artifact } of order.release?.content.services ?? []) surroundings.artifacts.use(artifact)
  const kind = order.kind ?? (await kindOf(keeper, order.release))
  const steps = await planDeployment(keeper, { ...order, kind })
  const now = surroundings.clock.now()
  const deployment = deploymentRow(keeper, order, kind, now)
  const plannedRun = {
    deployment: deployment.id,
    run: idOf<'run'>(randomUUID()),
    direction: 'forward' as const,
    steps,
    wanted: order.release,
  }

  const begun: Partial<RunRows> & { deployment?: DeploymentRow } = {}
  const draft = new Draft().insert('deployments', deployment, (row) => (begun.deployment = row))
  draft.update('targets', keeper.row, { run: plannedRun.run }, (row) => (keeper.row = row))
  draftRun(draft, keeper, plannedRun, (rows) => Object.assign(begun, rows))
  if (before) draftHandedOn(draft, before, now)
  const details = { deployment: deployment.id, release: deployment.release, kind, steps: steps.length }
  const entered = await enter(surroundings, { target, lease, action: 'deployment.begin', writes: draft.writes, details, by: order.by })
  if (!entered.ok) return entered
  draft.settle(entered.value.change)
  if (before) tellHandedOn(before, now)
  const active = activeRunOf(begun as Required<typeof begun>, order.release, feeds.open(deployment.id))
  active.feed.tell(now, { type: 'plan', direction: 'forward', steps: showSteps(steps, 'forward') })
  execute(keeper, active)
  return ok(active.deployment)
}

/** Executes a deployment in the background; `ended` tells when that is over. */
export function execute(keeper: TargetKeeper, active: ActiveRun): void {
  keeper.active = active
  active.ended = executeToItsEnd(keeper, active)
}

/** Goes on with a deployment after all, because the one it was handed on to was refused. */
function takeBack(keeper: TargetKeeper, active: ActiveRun): void {
  active.handOn = new AbortController()
  execute(keeper, active)
}

/** How long after an error that should not have been the execution begins again, in milliseconds. */
const AGAIN_MS = 5000

/** What broke may be gone in a moment; until then the deployment stands where its journal stands, and is read from there. */
async function executeToItsEnd(keeper: TargetKeeper, active: ActiveRun): Promise<void> {
  const { log, clock } = keeper.surroundings
  while (!keeper.stopped.aborted && !active.handOn.signal.aborted && !active.feed.ended) {
    try {
      await executeDeployment(keeper, active)
      return
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      log({ event: 'deployment stands still', target: targetName(keeper.target), deployment: active.deployment.id, reason })
      await clock.sleep(AGAIN_MS, AbortSignal.any([keeper.stopped, active.handOn.signal])).catch(() => undefined)
      await reread(keeper, active).catch(() => undefined)
    }
  }
}

async function reread(keeper: TargetKeeper, active: ActiveRun): Promise<void> {
  const { store, organisation } = keeper.surroundings
  const row = await store.targets.get(organisation.id, keeper.target)
  const run = row?.run ? await store.runs.get(row.run) : undefined
  const deployment = run && (await store.deployments.get(run.deployment))
  if (!row || !run || !deployment) return
  keeper.row = row
  Object.assign(active, { run, deployment, steps: await store.steps.of(run.id) })
}

function deploymentRow(keeper: TargetKeeper, { release, by }: BeginDeployment, kind: DeploymentKind, now: number): Fields<DeploymentRow> {
  return {
    id: idOf<'deployment'>(randomUUID()),
    organisation: keeper.surroundings.organisation.id,
    ...keeper.target,
    kind,
    release: release?.id ?? null,
    previous: keeper.row.live,
    state: 'running',
    reason: null,
    author: by.principal,
    author_name: by.name,
    started_at: now,
    ended_at: null,
  }
}

export function locked({ deployment }: ActiveRun): Result<never> {
  const target = targetName({ project: deployment.project, environment: deployment.environment })
  return refuse('RELEASE_LOCKED', { target, since: new Date(deployment.started_at).toISOString(), holder: deployment.author_name })
}

/** A release that differs from what is live in its configuration alone. */
async function kindOf(keeper: TargetKeeper, release: Release | undefined): Promise<DeploymentKind> {
  if (release === undefined) return 'stop'
  if (keeper.row.live === null) return 'release'
  const { content: live } = await keeper.release(keeper.row.live)
  const codes = ({ services }: typeof live) => services.map((service) => `${service.name} ${codeDigest(service)}`).join()
  const sameCode = codes(live) === codes(release.content)
  const sameConfiguration = configurationDigest(live.configuration) === configurationDigest(release.content.configuration)
  return sameCode && !sameConfiguration ? 'configuration' : 'release'
}

/** A host name can lead to one service only; who has it keeps it. */
async function takenDomain(keeper: TargetKeeper, release: Release): Promise<{ domain: string; service: string } | undefined> {
  const { organisation, router } = keeper.surroundings
  const prefix = `${organisation.name}/${keeper.target.project}/${keeper.target.environment}/`
  const status = await router.status().catch(() => undefined)
  const domains = new Set(release.content.services.map(({ domain }) => domain))
  for (const { id, domains: held } of status?.table.services ?? []) {
    const domain = id.startsWith(prefix) ? undefined : held.find((one) => domains.has(one))
    if (domain !== undefined) return { domain, service: id }
  }
  return undefined
}
