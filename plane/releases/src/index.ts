/**
 * Executes what core/rollout plans: artifacts, instances as processes of this machine, their health, the traffic, and
 * the journal that survives every crash in between.
 *
 * It runs headless. Configuration and the writing of Changes come in through two interfaces of its own, the router
 * through a third; whoever assembles the plane hands them in.
 */
export { artifactFiles } from './artifacts/artifact-files.ts'
export type { ArtifactSource, OtherArtifacts } from './artifacts/artifact-source.ts'
export type { ArtifactStore } from './artifacts/artifact-store.ts'
export { openArtifactStore } from './artifacts/artifact-store.ts'
export { type Clock, systemClock } from './clock.ts'
export type { Actor, ConfigurationSource, InstanceIdentity, InstanceSettings } from './configuration-source.ts'
export { type CreateRelease, reloadsByItself } from './create-release.ts'
export { artifactDigest, codeDigest, configurationDigest, releaseIdOf } from './digests.ts'
export type { ReleaseEvent, ReleaseNews, ShownStep } from './feed.ts'
export type { TakeOver } from './lease.ts'
export { type OpenReleasesOptions, openReleases } from './open-releases.ts'
export type { LogLine, ReadLogs } from './read-logs.ts'
export type { InstanceStatus, ServiceStatus, TargetStatus } from './read-status.ts'
export type { DeploymentDetail, KeptBy, PlannedDeployment, PlannedStep, Releases, ShownRun } from './releases.ts'
export type { Router } from './router.ts'
export type { ChangeWriter, LogRecord } from './surroundings.ts'
