/** The reads of every noun, gathered for the store. A new noun is a file beside this one and a line here. */
import type { TokenId } from '@headgate/model'
import type { UnauditedWrite } from '../unaudited.ts'
import { bindingQueries, principalQueries, roleQueries, teamQueries, tokenQueries } from './access.ts'
import { auditQueries } from './audit.ts'
import { deploymentQueries, runQueries, stepQueries } from './deployments.ts'
import { environmentQueries, recordQueries, revisionQueries, tagQueries } from './environments.ts'
import { instancePinQueries } from './instance-pins.ts'
import { instanceQueries } from './instances.ts'
import { migrationQueries } from './migrations.ts'
import { organisationQueries, projectQueries } from './organisations.ts'
import type { Reader } from './reader.ts'
import { releaseQueries, targetQueries } from './releases.ts'
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
    audit: auditQueries(reader),
    migrations: migrationQueries(reader),
    settings: settingQueries(reader, write),
    leases: leaseQueries(reader, write),
    instancePins: instancePinQueries(reader),
    releases: releaseQueries(reader),
    targets: targetQueries(reader),
    deployments: deploymentQueries(reader),
    runs: runQueries(reader),
    steps: stepQueries(reader),
    instances: instanceQueries(reader),
  }
}

export type Queries = ReturnType<typeof queriesOf>
