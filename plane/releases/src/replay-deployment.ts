import type { DeploymentRow, StepRow } from '@headgate/store'
import type { Feed } from './feed.ts'
import { stepOf } from './rows.ts'
import { showSteps } from './show-steps.ts'
import type { Surroundings } from './surroundings.ts'

/** Tells a feed what the journal knows of a deployment: its plans, and how far each step got. */
export async function replayDeployment({ store }: Surroundings, feed: Feed, deployment: DeploymentRow): Promise<void> {
  for (const run of await store.runs.of(deployment.id)) {
    const rows = await store.steps.of(run.id)
    const steps = showSteps(rows.map(stepOf), run.direction)
    if (run.direction === 'back') {
      const reason = deployment.reason === null ? {} : { reason: deployment.reason }
      feed.tell(run.started_at, { type: 'deployment', state: 'returning', ...reason })
    }
    feed.tell(run.started_at, { type: 'plan', direction: run.direction, steps })
    for (const [position, row] of rows.entries()) {
      const shown = steps[position]
      if (shown) replayStep(feed, run.direction, shown, row)
    }
  }
  if (deployment.state === 'running' || deployment.state === 'returning') return
  const reason = deployment.reason === null ? {} : { reason: deployment.reason }
  feed.tell(deployment.ended_at ?? deployment.started_at, { type: 'deployment', state: deployment.state, ...reason })
}

function replayStep(feed: Feed, direction: 'forward' | 'back', { key, text }: { key: string; text: string }, row: StepRow): void {
  if (row.state === 'waiting') return
  const detail = row.detail === null ? {} : { detail: row.detail }
  feed.tell(row.ended_at ?? row.started_at ?? 0, { type: 'step', direction, key, text, state: row.state, ...detail })
}
