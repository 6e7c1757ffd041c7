import type { DeploymentId, Release, RunDirection, RunId } from '@headgate/model'
import { type Step, canonicalJson } from '@headgate/rollout'
import type { RunRow, StepRow } from '@headgate/store'
import { deadlineOf } from './deadline.ts'
import type { Draft } from './draft.ts'
import type { TargetKeeper } from './target-keeper.ts'

export interface RunRows {
  readonly run: RunRow
  readonly steps: StepRow[]
}

/** A run with all its steps, the first of them begun: the plan is pinned from here on. */
export function draftRun(
  draft: Draft,
  { surroundings, lease }: TargetKeeper,
  planned: {
    readonly deployment: DeploymentId
    readonly run: RunId
    readonly direction: RunDirection
    readonly steps: readonly Step[]
    readonly wanted: Release | undefined
  },
  keep: (rows: RunRows) => void,
): void {
  const { deployment, run: id, direction, wanted } = planned
  const now = surroundings.clock.now()
  const owned = { owner: surroundings.owner, epoch: lease.epoch }
  const steps: StepRow[] = []
  for (const [position, step] of planned.steps.entries()) {
    const begun = { state: 'running' as const, started_at: now, deadline: deadlineOf(step, now, wanted) }
    const waiting = { state: 'waiting' as const, started_at: null, deadline: null }
    const row = { run: id, position, step: canonicalJson(step), ended_at: null, memory: null, detail: null }
    draft.insert('steps', { ...row, ...(position === 0 ? begun : waiting) }, (written) => (steps[position] = written))
  }
  draft.insert('runs', { id, deployment, direction, state: 'running', ...owned, started_at: now, ended_at: null }, (run) =>
    keep({ run, steps }),
  )
}
