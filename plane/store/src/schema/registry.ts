/**
 * Every table of the database, and the migrations that make them.
 *
 * To add a table:
 * 1. a file of its noun beside this one: its row as an interface (`extends Protected` unless nothing is decided by it),
 *    its definition by `defineTable`, and a migration with the next number;
 * 2. here: a line in `tables`, a line in `Tables`, a line at the END of `migrationList`;
 * 3. a file in ../queries with its reads, and a line in ../queries/index.ts.
 *
 * Migrations are append-only: one that was in a release is never edited. A later change of a table is a migration of
 * its own, and the definition shows the newest shape.
 */
import {
  type BindingRow,
  type PrincipalRow,
  type RoleRow,
  type TeamMemberRow,
  type TeamRow,
  type TokenRow,
  type TokenUseRow,
  bindings,
  createAccess,
  principals,
  roles,
  teamMembers,
  teams,
  tokenUses,
  tokens,
} from './access.ts'
import { type AuditRow, type AuditTileRow, type CheckpointRow, audit, auditTiles, checkpoints, createAudit } from './audit.ts'
import { type AuditSegmentRow, auditSegments, createAuditSegments } from './audit-segments.ts'
import { type DeploymentRow, type RunRow, type StepRow, createDeployments, deployments, runs, steps } from './deployments.ts'
import {
  type EnvironmentRow,
  type RecordRow,
  type RevisionRow,
  type TagRow,
  createEnvironments,
  environments,
  records,
  revisions,
  tags,
} from './environments.ts'
import { type IdentityKeyRow, createIdentityKeys, identityKeys } from './identity-keys.ts'
import { type InstancePinRow, createInstancePins, instancePins } from './instance-pins.ts'
import { type InstanceRow, createInstances, instances } from './instances.ts'
import { type KeyRecordRow, createKeys, keyRecords } from './keys.ts'
import { type DraftRow, createDrafts, drafts } from './drafts.ts'
import { type DraftEventRow, createDraftEvents, draftEvents } from './draft-events.ts'
import { type EnvironmentOwnerRow, createEnvironmentOwners, environmentOwners } from './environment-owners.ts'
import {
  type EnvironmentSettingsRow,
  type LabelRow,
  type RetractionRow,
  createEnvironmentDetails,
  environmentSettings,
  labels,
  retractions,
} from './environment-details.ts'
import { type KeyRotationRow, createKeyRotations, keyRotations } from './key-rotations.ts'
import type { Migration } from './migration.ts'
import { type NodeRow, createNodes, nodes } from './nodes.ts'
import { type OpenSessionRow, createOpenSessions, openSessions } from './open-sessions.ts'
import { type RotationRow, type ScheduleRow, createSchedules, rotations, schedules } from './schedules.ts'
import { type WebhookDeliveryRow, type WebhookRow, createWebhooks, webhookDeliveries, webhooks } from './webhooks.ts'
import { type MigrationRow, createMigrations, migrations } from './migrations.ts'
import { type OrganisationRow, type ProjectRow, createOrganisations, organisations, projects } from './organisations.ts'
import { type ReleaseRow, type TargetRow, createReleases, releases, targets } from './releases.ts'
import { type LeaseRow, type SettingRow, createSettings, leases, settings } from './settings.ts'
import type { AnyTable } from './table.ts'
import { type SpentIdentityRow, type TrustRuleRow, createTrust, spentIdentities, trustRules } from './trust.ts'

export interface Tables {
  organisations: OrganisationRow
  projects: ProjectRow
  environments: EnvironmentRow
  revisions: RevisionRow
  records: RecordRow
  tags: TagRow
  principals: PrincipalRow
  teams: TeamRow
  team_members: TeamMemberRow
  roles: RoleRow
  bindings: BindingRow
  tokens: TokenRow
  token_uses: TokenUseRow
  key_records: KeyRecordRow
  audit: AuditRow
  audit_tiles: AuditTileRow
  checkpoints: CheckpointRow
  migrations: MigrationRow
  settings: SettingRow
  leases: LeaseRow
  instance_pins: InstancePinRow
  releases: ReleaseRow
  targets: TargetRow
  deployments: DeploymentRow
  runs: RunRow
  steps: StepRow
  instances: InstanceRow
  trust_rules: TrustRuleRow
  spent_identities: SpentIdentityRow
  environment_settings: EnvironmentSettingsRow
  labels: LabelRow
  retractions: RetractionRow
  open_sessions: OpenSessionRow
  drafts: DraftRow
  webhooks: WebhookRow
  identity_keys: IdentityKeyRow
  webhook_deliveries: WebhookDeliveryRow
  schedules: ScheduleRow
  rotations: RotationRow
  key_rotations: KeyRotationRow
  audit_segments: AuditSegmentRow
  draft_events: DraftEventRow
  environment_owners: EnvironmentOwnerRow
  nodes: NodeRow
}

export type TableName = keyof Tables

export const tables: { readonly [T in TableName]: AnyTable } = {
  organisations,
  projects,
  environments,
  revisions,
  records,
  tags,
  principals,
  teams,
  team_members: teamMembers,
  roles,
  bindings,
  tokens,
  token_uses: tokenUses,
  key_records: keyRecords,
  audit,
  audit_tiles: auditTiles,
  checkpoints,
  migrations,
  settings,
  leases,
  instance_pins: instancePins,
  releases,
  targets,
  deployments,
  runs,
  steps,
  instances,
  trust_rules: trustRules,
  spent_identities: spentIdentities,
  environment_settings: environmentSettings,
  labels,
  retractions,
  open_sessions: openSessions,
  drafts,
  webhooks,
  identity_keys: identityKeys,
  webhook_deliveries: webhookDeliveries,
  schedules,
  rotations,
  key_rotations: keyRotations,
  audit_segments: auditSegments,
  draft_events: draftEvents,
  environment_owners: environmentOwners,
  nodes,
}

export const migrationList: readonly Migration[] = [
  createOrganisations,
  createEnvironments,
  createAccess,
  createKeys,
  createAudit,
  createMigrations,
  createSettings,
  createInstancePins,
  createReleases,
  createDeployments,
  createInstances,
  createEnvironmentDetails,
  createOpenSessions,
  createDrafts,
  createWebhooks,
  createSchedules,
  createTrust,
  createKeyRotations,
  createIdentityKeys,
  createAuditSegments,
  createDraftEvents,
  createEnvironmentOwners,
  createNodes,
]
