import type { DeploymentId, EnvironmentId, ReleaseId, RunId } from './ids.ts'

/**
 * One environment of an import closure, frozen: which revision it was at, and the hash that revision has.
 * A revision never changes, so number and hash say the same; the hash is what makes a lie visible.
 */
export interface FrozenRevision {
  /** `organisation/project/environment` as it was called when it was frozen; a rename does not change the release. */
  readonly environment: string
  readonly environmentId: EnvironmentId
  readonly revision: number
  readonly hash: string
}

/** What a service of a release is, without what it runs with. Everything here goes into the release's id. */
export interface ServiceTarget {
  readonly name: string
  /** The digest of its artifact: the copy in the data folder it runs from. */
  readonly artifact: string
  readonly run: string
  readonly replicas: number
  readonly health: HealthTarget
  readonly limits: LimitsTarget
  readonly drain: DrainTarget
  readonly reload: Reload
  /** The host name the router routes to it. */
  readonly domain: string
}

export interface HealthTarget {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** So many successes in a row make an instance healthy. */
  readonly healthyAfter: number
  /** An instance that is not healthy by then never will be: the release fails. */
  readonly deadlineMs: number
}

export interface LimitsTarget {
  readonly memoryBytes?: number
  readonly cpus?: number
}

export interface DrainTarget {
  readonly requestsMs: number
  readonly connectionsMs: number
}

/** `auto`: takes a changed setting over the socket; `switch`: a changed setting needs a new instance. */
export type Reload = 'auto' | 'switch'

export interface Strategy {
  readonly type: 'blue-green'
  /** Shares of the traffic in percent, rising, the last one 100. */
  readonly steps: readonly number[]
  readonly stepDurationMs: number
}

/** Limits that send a release back. Counted over `windowMs`, on what the router saw. */
export interface Thresholds {
  readonly errorRate?: number
  readonly latencyP95Ms?: number
  readonly windowMs: number
}

/** Code and configuration together. Its id is the hash of everything in `content`. */
export interface Release {
  readonly id: ReleaseId
  /** Counts up within its target; people say `#7` where they do not want to say the id. */
  readonly number: number
  readonly target: ReleaseTarget
  readonly content: ReleaseContent
  /** The label somebody gave it, for example `v1.2.3`. Not part of the id. */
  readonly version?: string
  /** The author's name, as it was then. */
  readonly createdBy: string
  readonly createdAt: number
}

/** Where a release goes inside its organisation: a project's environment, as `headgate.yaml` names both. */
export interface ReleaseTarget {
  readonly project: string
  readonly environment: string
}

export interface ReleaseContent {
  readonly target: ReleaseTarget
  readonly services: readonly ServiceTarget[]
  readonly configuration: FrozenConfiguration
  readonly strategy: Strategy
  readonly thresholds?: Thresholds
}

export interface FrozenConfiguration {
  /** `project/environment[@tag or revision]` as the file says it. */
  readonly reference: string
  /** The import closure, the environment itself first. */
  readonly revisions: readonly FrozenRevision[]
}

/** Bringing one release (or none, where a target is stopped) to a target. */
export interface Deployment {
  readonly id: DeploymentId
  readonly target: ReleaseTarget
  readonly kind: DeploymentKind
  /** What is wanted; absent where the target is stopped. */
  readonly release?: ReleaseId
  /** What was live when it began, which is where it returns to. */
  readonly previous?: ReleaseId
  readonly state: DeploymentState
  /** Why it went back or failed, in one sentence. */
  readonly reason?: string
  readonly startedBy: string
  readonly startedAt: number
  readonly endedAt?: number
}

/** `configuration`: same code, only settings changed. */
export type DeploymentKind = 'release' | 'configuration' | 'rollback' | 'stop'
export type DeploymentState = 'running' | 'returning' | 'live' | 'rolled-back' | 'failed' | 'superseded' | 'stopped'

/** One execution of one plan. A deployment has one towards what is wanted and, where that fails, one back. */
export interface Run {
  readonly id: RunId
  readonly deployment: DeploymentId
  readonly direction: RunDirection
  readonly state: RunState
  /** Who executes it, and how often it changed hands: a command with a lower epoch changes nothing. */
  readonly owner: string
  readonly epoch: number
}

export type RunDirection = 'forward' | 'back'
export type RunState = 'running' | 'done' | 'failed'
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped'
export type InstanceState = 'starting' | 'healthy' | 'unhealthy' | 'draining' | 'stopped' | 'failed'

/** The legal moves of everything with a state; what is not listed does not happen. */
export const releaseMoves = {
  deployment: {
    running: ['returning', 'live', 'failed', 'stopped'],
    returning: ['rolled-back', 'failed'],
    live: ['superseded', 'stopped'],
    'rolled-back': [],
    failed: [],
    superseded: [],
    stopped: [],
  },
  run: { running: ['done', 'failed'], done: [], failed: [] },
  step: { waiting: ['running', 'skipped'], running: ['running', 'done', 'failed', 'skipped'], done: [], failed: [], skipped: [] },
  instance: {
    starting: ['healthy', 'failed', 'stopped', 'draining'],
    healthy: ['unhealthy', 'draining', 'stopped', 'failed'],
    unhealthy: ['healthy', 'draining', 'stopped', 'failed'],
    draining: ['healthy', 'stopped', 'failed'],
    stopped: [],
    failed: [],
  },
} as const satisfies {
  deployment: Record<DeploymentState, readonly DeploymentState[]>
  run: Record<RunState, readonly RunState[]>
  step: Record<StepState, readonly StepState[]>
  instance: Record<InstanceState, readonly InstanceState[]>
}

interface MovesOf {
  deployment: DeploymentState
  run: RunState
  step: StepState
  instance: InstanceState
}

/** Whether a thing of this kind may go from one state to the other. Staying where it is needs no move. */
export function mayMove<K extends keyof MovesOf>(kind: K, from: MovesOf[K], to: MovesOf[K]): boolean {
  const moves: Readonly<Record<string, readonly string[]>> = releaseMoves[kind]
  return moves[from]?.includes(to) ?? false
}
