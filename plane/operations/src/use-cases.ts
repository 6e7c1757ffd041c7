import type { RouteName } from '@headgate/contract'
import { readSession } from './access/read-session.ts'
import { createBackup } from './audit/create-backup.ts'
import { listAudit } from './audit/list-audit.ts'
import { verifyAudit } from './audit/verify-audit.ts'
import { checkEnvironment } from './environments/check-environment.ts'
import { createEnvironment } from './environments/create-environment.ts'
import { deleteEnvironment } from './environments/delete-environment.ts'
import { deleteTag } from './environments/delete-tag.ts'
import { listEnvironments } from './environments/list-environments.ts'
import { listRevisions } from './environments/list-revisions.ts'
import { moveTag } from './environments/move-tag.ts'
import { openEnvironment } from './environments/open-environment.ts'
import { readEnvironment } from './environments/read-environment.ts'
import { saveEnvironment } from './environments/save-environment.ts'
import { unsealEnvironment } from './environments/unseal-environment.ts'
import { applyMigration } from './migrations/apply-migration.ts'
import { listMigrations } from './migrations/list-migrations.ts'
import { rollBackMigration } from './migrations/roll-back-migration.ts'
import type { UseCase } from './plane.ts'
import { assembleArtifact, listMissingFiles, putFile } from './releases/artifacts.ts'
import { createRelease } from './releases/create-release.ts'
import { abortDeployment, createDeployment, planDeployment, rollBack, stopTarget } from './releases/deployments.ts'
import { reconfigure } from './releases/reconfigure.ts'
import { listDeployments, listReleases, listTargets, readLogs, readRelease, readStatus, watchDeployment } from './releases/release-reads.ts'

/** The use case of every route that asks who calls. `getHealth` asks nobody and is answered by the operations themselves. */
export const useCases: { readonly [K in Exclude<RouteName, 'getHealth'>]: UseCase<K> } = {
  getSession: readSession,
  listEnvironments,
  createEnvironment,
  readEnvironment,
  saveEnvironment,
  deleteEnvironment,
  checkEnvironment,
  unsealEnvironment,
  openEnvironment,
  listRevisions,
  moveTag,
  deleteTag,
  applyMigration,
  listMigrations,
  rollBackMigration,
  listAudit,
  verifyAudit,
  createBackup,
  listMissingFiles,
  putFile,
  assembleArtifact,
  listTargets,
  createRelease,
  listReleases,
  readRelease,
  planDeployment,
  createDeployment,
  rollBack,
  reconfigure,
  stopTarget,
  listDeployments,
  abortDeployment,
  watchDeployment,
  readStatus,
  readLogs,
}
