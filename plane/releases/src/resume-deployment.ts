import { HeadgateError } from '@headgate/model'
import type { RunRow, TargetRow } from '@headgate/store'
import { type ActiveRun, activeRunOf } from './active-run.ts'
import { Draft } from './draft.ts'
import type { Feeds } from './feed.ts'
import { mustEnter } from './journal.ts'
import { releaseOf } from './rows.ts'
import { replayDeployment } from './replay-deployment.ts'
import type { TargetKeeper } from './target-keeper.ts'

/**
 * Finds the deployment that somebody left unfinished and takes it over: the run gets this owner and epoch, which is on
 * record. What was done of it is told to its feed, as if it had been followed all along.
 */
export async function resumeDeployment(keeper: TargetKeeper, feeds: Feeds): Promise<ActiveRun | undefined> {
  const { store } = keeper.surroundings
  const run = keeper.row.run && (await store.runs.get(keeper.row.run))
  if (!run) return undefined
  const deployment = await store.deployments.get(run.deployment)
  if (!deployment) throw new HeadgateError('DEPLOYMENT_NOT_FOUND', { deployment: run.deployment })
  const goal = run.direction === 'forward' ? deployment.release : keeper.row.live
  const row = goal === null ? undefined : await store.releases.get(goal)
  const rows = { deployment, run, steps: await store.steps.of(run.id) }
  const active = activeRunOf(rows, row && releaseOf(row), feeds.open(deployment.id))
  await replayDeployment(keeper.surroundings, active.feed, deployment)
  await takeOver(keeper, active, run)
  return active
}

async function takeOver(keeper: TargetKeeper, active: ActiveRun, run: RunRow): Promise<void> {
  const { surroundings, target, lease, stopped } = keeper
  const { owner } = surroundings
  const draft = new Draft().update('runs', run, { owner, epoch: lease.epoch }, (row) => (active.run = row))
  const details = { deployment: active.deployment.id, from: run.owner, epoch: lease.epoch, before: run.epoch }
  const { change } = await mustEnter(surroundings, {
    target,
    lease,
    action: 'deployment.take-over',
    writes: draft.writes,
    details,
    signal: stopped,
  })
  draft.settle(change)
  surroundings.log({ event: 'deployment taken over', deployment: active.deployment.id, from: run.owner, epoch: lease.epoch })
}

/** The row of a target as it is before anything was deployed to it. */
export function newTarget(fields: Pick<TargetRow, 'organisation' | 'project' | 'environment'>) {
  return { ...fields, live: null, pinned: null, traffic: '{}', run: null }
}
