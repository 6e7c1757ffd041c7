import type {
  DeploymentId,
  DeploymentKind,
  DeploymentState,
  OrganisationId,
  PrincipalId,
  ReleaseId,
  RunDirection,
  RunId,
  RunState,
  StepState,
} from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

export interface DeploymentRow extends Protected {
  readonly id: DeploymentId
  readonly organisation: OrganisationId
  readonly project: string
  readonly environment: string
  readonly kind: DeploymentKind
  /** Null where the target is stopped. */
  readonly release: ReleaseId | null
  /** What was live when it began. */
  readonly previous: ReleaseId | null
  readonly state: DeploymentState
  readonly reason: string | null
  readonly author: PrincipalId | null
  readonly author_name: string
  readonly started_at: number
  readonly ended_at: number | null
}

export const deployments = defineTable<DeploymentRow>({
  name: 'deployments',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    project: 'text',
    environment: 'text',
    kind: 'text',
    release: 'text?',
    previous: 'text?',
    state: 'text',
    reason: 'text?',
    author: 'text?',
    author_name: 'text',
    started_at: 'integer',
    ended_at: 'integer?',
  },
})

/** One execution of one plan. Written only by the owner of its target's lease, at the epoch that stands here. */
export interface RunRow extends Protected {
  readonly id: RunId
  readonly deployment: DeploymentId
  readonly direction: RunDirection
  readonly state: RunState
  readonly owner: string
  readonly epoch: number
  readonly started_at: number
  readonly ended_at: number | null
}

export const runs = defineTable<RunRow>({
  name: 'runs',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    deployment: 'text',
    direction: 'text',
    state: 'text',
    owner: 'text',
    epoch: 'integer',
    started_at: 'integer',
    ended_at: 'integer?',
  },
})

/** A step of a run's plan, pinned when the run was made: the journal. */
export interface StepRow extends Protected {
  readonly run: RunId
  readonly position: number
  /** JSON: the step as it was planned. */
  readonly step: string
  readonly state: StepState
  readonly started_at: number | null
  readonly ended_at: number | null
  /** Absolute: a step that is not done by then has failed, however often it changed hands. */
  readonly deadline: number | null
  /** JSON: what the step has to know after a crash. */
  readonly memory: string | null
  /** What it found, or why it failed, in one sentence. */
  readonly detail: string | null
}

export const steps = defineTable<StepRow>({
  name: 'steps',
  protected: true,
  key: ['run', 'position'],
  columns: {
    run: 'text',
    position: 'integer',
    step: 'text',
    state: 'text',
    started_at: 'integer?',
    ended_at: 'integer?',
    deadline: 'integer?',
    memory: 'text?',
    detail: 'text?',
  },
})

export const createDeployments: Migration = {
  name: '0010-deployments',
  up: ({ table, index }) => [
    table(deployments, { references: { organisation: 'organisations.id' } }),
    index('deployments_target', 'deployments', ['organisation', 'project', 'environment', 'started_at']),
    table(runs),
    index('runs_deployment', 'runs', ['deployment']),
    table(steps),
  ],
}
