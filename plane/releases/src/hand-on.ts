import { type ActiveRun, HandedOn, isPastReturn } from './active-run.ts'
import type { Draft } from './draft.ts'
import type { TargetKeeper } from './target-keeper.ts'

/**
 * Stops executing a deployment that is live and only drains and stops what it replaced, so that the next one need not
 * wait for that: its own plan removes the same instances. Nothing of it is written down yet, so a crash in between leaves a
 * run that is taken up again.
 *
 * @returns the deployment to be closed by `draftHandedOn`; undefined where it had ended before it could be stopped
 */
export async function handOn(keeper: TargetKeeper): Promise<ActiveRun | undefined> {
  const { active } = keeper
  if (!active || !isPastReturn(active)) return undefined
  active.handOn.abort(new HandedOn())
  await active.ended
  return keeper.active === active ? active : undefined
}

/** Closes a run that is handed on, in the Change that begins the next one: what it left is that one's to do. */
export function draftHandedOn(draft: Draft, active: ActiveRun, now: number): void {
  for (const [index, row] of active.steps.entries()) {
    if (row.state !== 'waiting' && row.state !== 'running') continue
    const detail = 'left to the next deployment'
    draft.update('steps', row, { state: 'skipped', ended_at: now, detail }, (next) => (active.steps[index] = next))
  }
  draft.update('runs', active.run, { state: 'done', ended_at: now }, (row) => (active.run = row))
  if (active.deployment.state !== 'running') return
  // Everything was to be stopped, and nothing of it takes traffic any more.
  draft.update('deployments', active.deployment, { state: 'stopped', ended_at: now }, (row) => (active.deployment = row))
}

/** Tells whoever follows a deployment that was handed on that it is over; a release stays live until the next one is. */
export function tellHandedOn({ feed, deployment }: ActiveRun, now: number): void {
  feed.tell(now, { type: 'deployment', state: deployment.state })
  feed.end()
}
