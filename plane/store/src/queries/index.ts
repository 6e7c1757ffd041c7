/** The reads of every noun, gathered for the store. A new noun is a file beside this one and a line here. */
import type { TokenId } from '@headgate/model'
import type { UnauditedWrite } from '../unaudited.ts'
import { bindingQueries, principalQueries, roleQueries, teamQueries, tokenQueries } from './access.ts'
import { auditQueries } from './audit.ts'
import { auditSegmentQueries } from './audit-segments.ts'
import { draftEventQueries, draftQueries } from './drafts.ts'
import { environmentOwnerQueries, environmentSettingQueries, labelQueries, retractionQueries } from './environment-details.ts'
import { openSessionQueries } from './open-sessions.ts'
import { rotationQueries, scheduleQueries } from './schedules.ts'
import { webhookDeliveryQueries, webhookQueries } from './webhooks.ts'
import { deploymentQueries, runQueries, stepQueries } from './deployments.ts'
import { environmentQueries, recordQueries, revisionQueries, tagQueries } from './environments.ts'
import { identityKeyQueries } from './identity-keys.ts'
import { instancePinQueries } from './instance-pins.ts'
import { instanceQueries } from './instances.ts'
import { keyRecordQueries, keyRotationQueries, rowQueries } from './keys.ts'
import { migrationQueries } from './migrations.ts'
import { nodeQueries } from './nodes.ts'
import { organisationQueries, projectQueries } from './organisations.ts'
import type { Reader } from './reader.ts'
import { releaseQueries, targetQueries } from './releases.ts'
import { trustQueries } from './trust.ts'
import { leaseQueries, settingQueries } from './settings.ts'

export function queriesOf(reader: Reader, write: UnauditedWrite, writeUse: (token: TokenId, time: number) => void) {
  return {
    organisations: organisationQueries(reader),
    projects: projectQueries(reader),
    environments: environmentQueries(reader),
    revisions: revisionQueries(reader),
    records: recordQueries(reader),
    tags: tagQueries(reader),
    principals: principalQueries(reader),
    teams: teamQueries(reader),
    roles: roleQueries(reader),
    bindings: bindingQueries(reader),
    tokens: tokenQueries(reader, writeUse),
    trust: trustQueries(reader),
    audit: { ...auditQueries(reader), ...auditSegmentQueries(reader, write) },
    migrations: migrationQueries(reader),
    settings: settingQueries(reader, write),
    leases: leaseQueries(reader, write),
    nodes: nodeQueries(reader),
    identityKeys: identityKeyQueries(reader),
    instancePins: instancePinQueries(reader),
    releases: releaseQueries(reader),
    targets: targetQueries(reader),
    deployments: deploymentQueries(reader),
    runs: runQueries(reader),
    steps: stepQueries(reader),
    instances: instanceQueries(reader),
    environmentSettings: environmentSettingQueries(reader),
    labels: labelQueries(reader),
    retractions: retractionQueries(reader),
    openSessions: openSessionQueries(reader, write),
    drafts: draftQueries(reader),
    draftEvents: draftEventQueries(reader),
    environmentOwners: environmentOwnerQueries(reader),
    webhooks: webhookQueries(reader),
    webhookDeliveries: webhookDeliveryQueries(reader, write),
    schedules: scheduleQueries(reader),
    rotations: rotationQueries(reader),
    keyRotations: keyRotationQueries(reader),
    keyRecords: keyRecordQueries(reader),
    rows: rowQueries(reader, write),
  }
}

export type Queries = ReturnType<typeof queriesOf>
