import { randomUUID } from 'node:crypto'
import { type DeploymentState, HeadgateError, type Problem, idOf } from '@headgate/model'
import { type Observed, plan } from '@headgate/rollout'
import type { StepRow } from '@headgate/store'
import type { ActiveRun } from './active-run.ts'
import { desiredOf } from './desired.ts'
import { Draft } from './draft.ts'
import { type RunRows, draftRun } from './draft-run.ts'
import { mustEnter } from './journal.ts'
import { stepOf } from './rows.ts'
import { showSteps } from './show-steps.ts'
import type { TargetKeeper } from './target-keeper.ts'

/**
 * Ends a run that failed and begins the one back: to what is live, code and configuration together, planned from what
 * is there now. Both are one Change, so a crash leaves either the one run or the other.
 */
export async function turnBack(keeper: TargetKeeper, active: ActiveRun, position: number, problem: Problem): Promise<void> {
  const { surroundings, target, lease, stopped } = keeper
  const { clock } = surroundings
  const reason = problem.message
  const live = keeper.row.live === null ? undefined : await keeper.release(keeper.row.live)
  const steps = plan(await observed(keeper), desiredOf(live, 'back'))
  const now = clock.now()
  const plannedRun = { deployment: active.deployment.id, run: idOf<'run'>(randomUUID()), direction: 'back' as const, steps, wanted: live }

  const draft = new Draft()
  draftFailed(active, position, reason, now, draft)
  draft.update('runs', active.run, { state: 'failed', ended_at: now }, () => undefined)
  draft.update('deployments', active.deployment, { state: 'returning', reason }, (row) => (active.deployment = row))
  draft.update('targets', keeper.row, { run: plannedRun.run }, (row) => (keeper.row = row))
  let begun: RunRows | undefined
  draftRun(draft, keeper, plannedRun, (rows) => (begun = rows))
  const details = { deployment: active.deployment.id, position, reason, code: problem.code, steps: steps.length }
  const { change } = await mustEnter(surroundings, {
    target,
    lease,
    action: 'deployment.return',
    writes: draft.writes,
    details,
    outcome: 'failed',
    signal: stopped,
  })
  const failedStep = active.steps[position]
  draft.settle(change)
  Object.assign(active, begun, { wanted: live })

  if (failedStep) {
    const [shown] = showSteps([stepOf(failedStep)], 'forward', position)
    if (shown)
      active.feed.tell(now, { type: 'step', direction: 'forward', key: shown.key, text: shown.text, state: 'failed', detail: reason })
  }
  active.feed.tell(now, { type: 'deployment', state: 'returning', reason })
  active.feed.tell(now, { type: 'plan', direction: 'back', steps: showSteps(steps, 'back') })
  surroundings.log({ event: 'deployment turns back', deployment: active.deployment.id, reason })
}

/** There is no way back without the router, so it is waited for, however long that takes. */
async function observed(keeper: TargetKeeper): Promise<Observed> {
  for (;;) {
    try {
      return await keeper.observe(keeper.stopped)
    } catch (error) {
      if (!(error instanceof HeadgateError) || error.code !== 'ROUTER_UNREACHABLE') throw error
      keeper.surroundings.log({ event: 'way back waits for the router', reason: error.message })
    }
  }
}

function draftFailed(active: ActiveRun, position: number, reason: string, now: number, draft: Draft): void {
  for (const [index, row] of active.steps.entries()) {
    const keep = (next: StepRow) => (active.steps[index] = next)
    if (index === position) draft.update('steps', row, { state: 'failed', detail: reason, ended_at: now }, keep)
    else if (row.state === 'waiting') draft.update('steps', row, { state: 'skipped' }, keep)
  }
}

/** Writes down that a deployment has ended, and frees its target for the next one. */
export async function endDeployment(
  keeper: TargetKeeper,
  active: ActiveRun,
  outcome: { readonly failed?: string; readonly leftOver?: string },
): Promise<void> {
  const { surroundings, target, lease, stopped } = keeper
  const now = surroundings.clock.now()
  const state = endState(active, outcome.failed !== undefined)
  const reason = outcome.failed ?? outcome.leftOver ?? active.deployment.reason
  const draft = new Draft()
  draft.update(
    'runs',
    active.run,
    { state: outcome.failed === undefined && outcome.leftOver === undefined ? 'done' : 'failed', ended_at: now },
    (row) => (active.run = row),
  )
  draft.update('targets', keeper.row, { run: null }, (row) => (keeper.row = row))
  draft.update(
    'deployments',
    active.deployment,
    { state, reason, ended_at: state === 'live' ? null : now },
    (row) => (active.deployment = row),
  )
  if (state === 'live' && active.deployment.state === 'running') {
    // A release that was live already had no step that marks it so.
    for (const before of await surroundings.store.deployments.live(surroundings.organisation.id, target)) {
      draft.update('deployments', before, { state: 'superseded', ended_at: now }, () => undefined)
    }
  }
  const details = { deployment: active.deployment.id, state, reason }
  const failed = state === 'failed' || state === 'rolled-back'
  const entry = {
    target,
    lease,
    action: 'deployment.end',
    writes: draft.writes,
    details,
    outcome: failed ? ('failed' as const) : ('ok' as const),
  }
  const { change } = await mustEnter(surroundings, { ...entry, signal: stopped })
  draft.settle(change)
  active.feed.tell(now, { type: 'deployment', state, ...(reason === null ? {} : { reason }) })
  // Before anybody is told: the next deployment may be asked for in the same moment.
  keeper.active = undefined
  active.feed.end()
  await keeper.instances.forgetOld().catch(() => undefined)
}

function endState({ deployment, run }: ActiveRun, failed: boolean): DeploymentState {
  if (run.direction === 'back') return failed ? 'failed' : 'rolled-back'
  if (deployment.state !== 'running') return deployment.state
  return deployment.release === null ? 'stopped' : 'live'
}
