import type { ApplicationFile } from '@headgate/contract'
import type { Deployment, DeploymentId, Release, ReleaseId, ReleaseTarget, Result, Run } from '@headgate/model'
import type { Step } from '@headgate/rollout'
import type { ArtifactStore } from './artifacts/artifact-store.ts'
import type { Actor } from './configuration-source.ts'
import type { CreateRelease } from './create-release.ts'
import type { ReleaseEvent, ShownStep } from './feed.ts'
import type { LogLine, ReadLogs } from './read-logs.ts'
import type { TargetStatus } from './read-status.ts'

export interface PlannedStep extends ShownStep {
  readonly step: Step
}

export interface PlannedDeployment {
  readonly steps: readonly PlannedStep[]
  /** What a person should know besides: values that are opened at start, secrets that keep their present version. */
  readonly notes: readonly string[]
}

/** A run with its steps, for whoever wants to know what happened when. */
export interface ShownRun {
  readonly run: Run
  readonly steps: readonly (ShownStep & {
    readonly state: string
    readonly startedAt?: number
    readonly endedAt?: number
    readonly detail?: string
  })[]
}

export interface DeploymentDetail {
  readonly deployment: Deployment
  readonly release?: Release
  readonly runs: readonly ShownRun[]
}

/** A node that keeps a target; the epoch rises with every time it is taken. */
export interface KeptBy {
  readonly owner: string
  readonly epoch: number
}

/** Brings releases live and keeps them so, headless: nothing here knows of requests. Refusals are values. */
export interface Releases {
  readonly artifacts: ArtifactStore
  /** Freezes code, configuration and target specification; the same content is the same release. */
  create(order: CreateRelease & { readonly file: ApplicationFile }): Promise<Result<Release>>
  /** What a deployment would do, against what is there now. Without a release: what stopping would do. */
  plan(order: {
    readonly target: ReleaseTarget
    readonly release?: ReleaseId
    readonly direction?: 'forward' | 'back'
  }): Promise<Result<PlannedDeployment>>
  /** Begins to bring a release live. Answers when that is in the journal; `settled` and `events` tell the rest. */
  deploy(order: { readonly release: ReleaseId; readonly by: Actor }): Promise<Result<Deployment>>
  /** Begins to bring an earlier release back, code and configuration together. `to`: `previous`, or what `find` takes. */
  rollback(order: { readonly target: ReleaseTarget; readonly to: string; readonly by: Actor }): Promise<Result<Deployment>>
  /** A configuration-only release of what is live; undefined where no setting changed. */
  reconfigure(order: { readonly target: ReleaseTarget; readonly by: Actor }): Promise<Result<Deployment | undefined>>
  /** Begins to drain and stop everything of a target. */
  stop(order: { readonly target: ReleaseTarget; readonly by: Actor }): Promise<Result<Deployment>>
  /** Sends a running deployment back to what is live. */
  abort(order: { readonly deployment: DeploymentId; readonly by: Actor; readonly reason?: string }): Promise<Result<Deployment>>
  /** Resolves when a deployment has ended, one way or the other; with what it is now when the signal comes first. */
  settled(deployment: DeploymentId, signal?: AbortSignal): Promise<Deployment>
  /** What happened in a deployment so far and what happens, until it ends. */
  events(deployment: DeploymentId, signal?: AbortSignal): AsyncIterable<ReleaseEvent>
  status(target: ReleaseTarget): Promise<Result<TargetStatus>>
  targets(): Promise<readonly ReleaseTarget[]>
  /** Who keeps a target, where that is another node; undefined where this one does, or may. */
  keptElsewhere(target: ReleaseTarget): Promise<KeptBy | undefined>
  /** A release by its id, the beginning of it, its `#number` or its version. */
  find(target: ReleaseTarget, reference: string): Promise<Result<Release>>
  /** Newest first. */
  list(target: ReleaseTarget, options?: { readonly limit?: number }): Promise<readonly Release[]>
  /** Newest first. */
  deployments(target: ReleaseTarget, options?: { readonly limit?: number }): Promise<readonly Deployment[]>
  show(deployment: DeploymentId): Promise<Result<DeploymentDetail>>
  logs(order: ReadLogs): AsyncIterable<LogLine>
  /** Stops executing and keeping. Instances run on, and are found again by the next. */
  close(): Promise<void>
}
