import { randomUUID } from 'node:crypto'
import { type DeploymentState, type Problem, type RunId, idOf } from '@headgate/model'
import { type Step, canonicalJson, plan } from '@headgate/rollout'
import type { StepRow } from '@headgate/store'
import type { ActiveRun } from './active-run.ts'
import { deadlineOf } from './deadline.ts'
import { desiredOf } from './desired.ts'
import { Draft } from './draft.ts'
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
  const run: RunId = idOf<'run'>(randomUUID())

  const draft = new Draft()
  draftFailed(active, position, reason, now, draft)
  draft.update('runs', active.run, { state: 'failed', ended_at: now }, () => undefined)
  draft.update('deployments', active.deployment, { state: 'returning', reason }, (row) => (active.deployment = row))
  draft.update('targets', keeper.row, { run }, (row) => (keeper.row = row))
  const begun: StepRow[] = []
  draftRun(draft, { active, run, direction: 'back', steps, owner: surroundings.owner, epoch: lease.epoch, now, wanted: live }, begun)
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
  active.steps = begun

  if (failedStep) {
    const [shown] = showSteps([stepOf(failedStep)], 'forward', position)
    if (shown)
      active.feed.tell(now, { type: 'step', direction: 'forward', key: shown.key, text: shown.text, state: 'failed', detail: reason })
  }
  active.feed.tell(now, { type: 'deployment', state: 'returning', reason })
  active.feed.tell(now, { type: 'plan', direction: 'back', steps: showSteps(steps, 'back') })
  surroundings.log({ event: 'deployment turns back', deployment: active.deployment.id, reason })
}

/** A fresh look; while the router cannot be asked, the shares it was given last stand for what it has. */
async function observed(keeper: TargetKeeper) {
  try {
    return await keeper.observe(keeper.stopped)
  } catch (error) {
    keeper.stopped.throwIfAborted()
    keeper.surroundings.log({ event: 'observation failed', reason: String(error) })
    await keeper.traffic.apply(keeper.stopped)
    return keeper.observe(keeper.stopped)
  }
}

function draftFailed(active: ActiveRun, position: number, reason: string, now: number, draft: Draft): void {
  for (const [index, row] of active.steps.entries()) {
    const keep = (next: StepRow) => (active.steps[index] = next)
    if (index === position) draft.update('steps', row, { state: 'failed', detail: reason, ended_at: now }, keep)
    else if (row.state === 'waiting') draft.update('steps', row, { state: 'skipped' }, keep)
  }
}

/** A run with all its steps, the first of them begun. */
export function draftRun(
  draft: Draft,
  options: {
    readonly active: ActiveRun
    readonly run: RunId
    readonly direction: 'forward' | 'back'
    readonly steps: readonly Step[]
    readonly owner: string
    readonly epoch: number
    readonly now: number
    readonly wanted: ActiveRun['wanted'] | undefined
  },
  keep: StepRow[],
): void {
  const { active, run, direction, steps, owner, epoch, now, wanted } = options
  draft.insert(
    'runs',
    { id: run, deployment: active.deployment.id, direction, state: 'running', owner, epoch, started_at: now, ended_at: null },
    (row) => (active.run = row),
  )
  for (const [position, step] of steps.entries()) {
    const first = position === 0
    const state = first
      ? { state: 'running' as const, started_at: now, deadline: deadlineOf(step, now, wanted) }
      : { state: 'waiting' as const, started_at: null, deadline: null }
    draft.insert('steps', { run, position, step: canonicalJson(step), ...state, ended_at: null, memory: null, detail: null }, (row) => {
      keep[position] = row
    })
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
  active.feed.end()
}

function endState({ deployment, run }: ActiveRun, failed: boolean): DeploymentState {
  if (run.direction === 'back') return failed ? 'failed' : 'rolled-back'
  if (deployment.state !== 'running') return deployment.state
  return deployment.release === null ? 'stopped' : 'live'
}
