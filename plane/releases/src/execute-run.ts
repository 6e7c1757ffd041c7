import { HeadgateError, type Problem, idOf, problemOf } from '@headgate/model'
import { type Step, describeStep } from '@headgate/rollout'
import type { StepRow } from '@headgate/store'
import { type ActiveRun, AskedBack, isPastReturn } from './active-run.ts'
import { deadlineOf } from './deadline.ts'
import { Draft } from './draft.ts'
import { enter, mustEnter } from './journal.ts'
import { stepOf, targetName } from './rows.ts'
import { stepKey } from './show-steps.ts'
import { stepHandlers } from './steps/index.ts'
import type { StepContext, StepDone, StepHandler } from './steps/step-context.ts'
import type { TargetKeeper } from './target-keeper.ts'
import { endDeployment, turnBack } from './turn-back.ts'

/**
 * Executes a deployment to its end: every step of its plan, one after the other, each in the journal before the next
 * begins. A step that fails before the release is live turns the run back; one that fails later is noted, and the rest
 * is done. May be called again after a crash at any point.
 *
 * Returns early, with everything left as it is, when the plane goes down, the lease is lost, or the rest of it is
 * handed on to the next deployment.
 */
export async function executeDeployment(keeper: TargetKeeper, active: ActiveRun): Promise<void> {
  try {
    await executeSteps(keeper, active)
  } catch (error) {
    if (!keeper.stopped.aborted && !active.handOn.signal.aborted) throw error
  }
}

async function executeSteps(keeper: TargetKeeper, active: ActiveRun): Promise<void> {
  let leftOver: string | undefined
  for (let position = active.steps.findIndex(isOpen); position >= 0; position = active.steps.findIndex(isOpen)) {
    active.handOn.signal.throwIfAborted()
    const problem = await executeStep(keeper, active, position)
    keeper.stopped.throwIfAborted()
    if (problem === undefined) continue
    if (isPastReturn(active)) {
      leftOver = problem.message
      await closeStep(keeper, active, position, { state: 'failed', detail: problem.message })
    } else if (active.run.direction === 'forward') {
      await turnBack(keeper, active, position, problem)
    } else {
      await closeStep(keeper, active, position, { state: 'failed', detail: problem.message })
      return endDeployment(keeper, active, { failed: problem.message })
    }
  }
  await endDeployment(keeper, active, leftOver === undefined ? {} : { leftOver })
}

function isOpen({ state }: StepRow): boolean {
  return state === 'waiting' || state === 'running'
}

/** Does one step and writes it down. A problem is why it failed; nothing of that is written down yet. */
async function executeStep(keeper: TargetKeeper, active: ActiveRun, position: number): Promise<Problem | undefined> {
  const row = active.steps[position]
  if (!row) return undefined
  const step = stepOf(row)
  if (row.state === 'waiting') await beginStep(keeper, active, position)
  tellStep(keeper, active, step, position, 'running')
  const done = await perform(keeper, active, position, step)
  if ('problem' in done) return done.problem
  keeper.surroundings.log({ event: 'step acted', target: targetName(keeper.target), step: step.kind, position })
  await closeStep(keeper, active, position, { state: 'done', detail: done.detail ?? null }, done.draft)
  await done.afterwards?.().catch((error: unknown) => {
    // The next step looks at things anew, so what was left out here is caught up there.
    if (!keeper.stopped.aborted) keeper.surroundings.log({ event: 'after step', step: step.kind, reason: String(error) })
  })
  return undefined
}

async function perform(
  keeper: TargetKeeper,
  active: ActiveRun,
  position: number,
  step: Step,
): Promise<StepDone | { readonly problem: Problem }> {
  // Once it is live, or on the way back, nobody can ask for the way back; what is live can be handed on.
  const mayTurn = active.run.direction === 'forward' && !isPastReturn(active)
  const signal = AbortSignal.any([keeper.stopped, mayTurn ? active.asked.signal : active.handOn.signal])
  try {
    signal.throwIfAborted()
    const handler = stepHandlers[step.kind] as StepHandler<Step['kind']>
    const result = await handler(contextOf(keeper, active, position, signal), step)
    return result.ok ? result.value : { problem: result.problem }
  } catch (error) {
    keeper.stopped.throwIfAborted()
    active.handOn.signal.throwIfAborted()
    return { problem: problemFrom(error, active, keeper) }
  }
}

/** What an exception means for the run: broken surroundings and bugs fail a step as a refusal does. */
function problemFrom(error: unknown, active: ActiveRun, keeper: TargetKeeper): Problem {
  if (active.asked.signal.aborted && active.asked.signal.reason instanceof AskedBack) {
    return problemOf('DEPLOYMENT_ABORTED', { reason: active.asked.signal.reason.message })
  }
  if (error instanceof HeadgateError) return error.problem
  const reason = error instanceof Error ? error.message : String(error)
  keeper.surroundings.log({
    event: 'step broke',
    target: targetName(keeper.target),
    reason,
    stack: error instanceof Error ? error.stack : undefined,
  })
  return problemOf('STEP_BROKE', { reason })
}

function contextOf(keeper: TargetKeeper, active: ActiveRun, position: number, signal: AbortSignal): StepContext {
  const { surroundings, target, lease } = keeper
  const row = active.steps[position]
  return {
    keeper,
    active,
    key: `${active.run.id}/${position}`,
    signal,
    deadline: row?.deadline ?? undefined,
    memory: row?.memory == null ? undefined : JSON.parse(row.memory),
    tell: (news) => active.feed.tell(surroundings.clock.now(), news),
    release: (id) => keeper.release(idOf<'release'>(id)),
    async remember(memory) {
      const current = active.steps[position]
      if (!current) return
      const draft = new Draft().update('steps', current, { memory: JSON.stringify(memory) }, (next) => (active.steps[position] = next))
      await commit(keeper, active, 'deployment.remember', draft, { position })
    },
    async enter(action, draft, details) {
      const entered = await enter(surroundings, { target, lease, action, writes: draft.writes, details })
      if (!entered.ok) return entered
      draft.settle(entered.value.change)
      return { ok: true, value: undefined }
    },
  }
}

async function beginStep(keeper: TargetKeeper, active: ActiveRun, position: number): Promise<void> {
  const draft = new Draft()
  draftBegin(keeper, active, position, draft)
  if (draft.writes.length > 0) await commit(keeper, active, 'deployment.step', draft, { position, state: 'running' })
}

function draftBegin(keeper: TargetKeeper, active: ActiveRun, position: number, draft: Draft): void {
  const row = active.steps[position]
  if (row?.state !== 'waiting') return
  const now = keeper.surroundings.clock.now()
  const begun = { state: 'running' as const, started_at: now, deadline: deadlineOf(stepOf(row), now, active.wanted) }
  draft.update('steps', row, begun, (next) => (active.steps[position] = next))
}

/** The end of one step and the beginning of the next, in one Change with the rows that the step changed. */
async function closeStep(
  keeper: TargetKeeper,
  active: ActiveRun,
  position: number,
  end: Pick<StepRow, 'detail'> & { state: 'done' | 'failed' },
  draft = new Draft(),
): Promise<void> {
  const row = active.steps[position]
  if (!row) return
  const step = stepOf(row)
  draft.update('steps', row, { ...end, ended_at: keeper.surroundings.clock.now() }, (next) => (active.steps[position] = next))
  draftBegin(keeper, active, position + 1, draft)
  await commit(keeper, active, 'deployment.step', draft, { position, step: step.kind, state: end.state, detail: end.detail })
  tellStep(keeper, active, step, position, end.state, end.detail ?? undefined)
}

async function commit(
  keeper: TargetKeeper,
  active: ActiveRun,
  action: string,
  draft: Draft,
  details: Record<string, string | number | null>,
): Promise<void> {
  const { surroundings, target, lease, stopped } = keeper
  const named = { deployment: active.deployment.id, run: active.run.id, ...details }
  const outcome = details['state'] === 'failed' ? 'failed' : 'ok'
  const { change } = await mustEnter(surroundings, {
    target,
    lease,
    action,
    writes: draft.writes,
    details: named,
    outcome,
    signal: stopped,
  })
  draft.settle(change)
}

function tellStep(
  keeper: TargetKeeper,
  { feed, run, deployment }: ActiveRun,
  step: Step,
  position: number,
  state: 'running' | 'done' | 'failed',
  detail?: string,
): void {
  const { clock, log } = keeper.surroundings
  const { direction } = run
  const text = describeStep(step)
  feed.tell(clock.now(), {
    type: 'step',
    direction,
    key: stepKey(direction, position),
    text,
    state,
    ...(detail === undefined ? {} : { detail }),
  })
  log({ event: 'step', target: targetName(keeper.target), deployment: deployment.id, direction, position, step: step.kind, state, detail })
}
