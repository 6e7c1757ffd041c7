import type { Deployment, Release, ReleaseContent, ReleaseTarget, Run } from '@headgate/model'
import type { Step, Traffic } from '@headgate/rollout'
import type { DeploymentRow, ReleaseRow, RunRow, StepRow, TargetRow } from '@headgate/store'

/** Rows as the nouns they are kept for. Their JSON was written here and is protected by a MAC, so it is not checked again. */

export function releaseOf(row: ReleaseRow): Release {
  return {
    id: row.id,
    number: row.number,
    target: targetOf(row),
    content: JSON.parse(row.content) as ReleaseContent,
    ...(row.version === null ? {} : { version: row.version }),
    createdBy: row.author_name,
    createdAt: row.created_at,
  }
}

export function deploymentOf(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    target: targetOf(row),
    kind: row.kind,
    state: row.state,
    startedBy: row.author_name,
    startedAt: row.started_at,
    ...(row.release === null ? {} : { release: row.release }),
    ...(row.previous === null ? {} : { previous: row.previous }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  }
}

export function runOf(row: RunRow): Run {
  const { id, deployment, direction, state, owner, epoch } = row
  return { id, deployment, direction, state, owner, epoch }
}

export function stepOf(row: StepRow): Step {
  return JSON.parse(row.step) as Step
}

export function trafficOf(row: TargetRow): Traffic {
  return JSON.parse(row.traffic) as Traffic
}

export function targetOf({ project, environment }: ReleaseTarget): ReleaseTarget {
  return { project, environment }
}

/** `project/environment`, as messages call a target. */
export function targetName({ project, environment }: ReleaseTarget): string {
  return `${project}/${environment}`
}
