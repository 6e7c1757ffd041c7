import type { RouteName } from '@headgate/contract'
import { createBinding, deleteBinding, listBindings, readBinding, updateBinding } from './access/bindings.ts'
import { checkAccess } from './access/check-access.ts'
import { createPrincipal, deletePrincipal, listPrincipals, readPrincipal, updatePrincipal } from './access/principals.ts'
import { readSession } from './access/read-session.ts'
import { createRole, deleteRole, listRoles, readRole, updateRole } from './access/roles.ts'
import { addTeamMember, createTeam, deleteTeam, listTeams, readTeam, removeTeamMember, updateTeam } from './access/teams.ts'
import { createToken, listTokens, readToken, revokeToken, updateToken } from './access/tokens.ts'
import { createBackup } from './audit/create-backup.ts'
import { exportAudit } from './audit/export-audit.ts'
import { listAudit } from './audit/list-audit.ts'
import { getCheckpoint, proveGrowth, proveRecord } from './audit/prove-audit.ts'
import { pruneAudit } from './audit/prune-audit.ts'
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
import { cloneEnvironment } from './environments/clone-environment.ts'
import { renameEnvironment } from './environments/rename-environment.ts'
import { listDeletedEnvironments, restoreEnvironment } from './environments/deleted-environments.ts'
import { readSettings, changeSettings } from './environments/environment-settings.ts'
import { listTags } from './environments/list-tags.ts'
import { retractRevision } from './environments/retract-revision.ts'
import { listLabels, setLabel, deleteLabel } from './environments/labels.ts'
import { listReferrers } from './environments/list-referrers.ts'
import { checkText } from './environments/check-text.ts'
import { sealValues, openValues } from './environments/seal-values.ts'
import { createOpenSession, readOpenSession, createTextSession, readTextSession } from './sessions/open-sessions.ts'
import { listDrafts, createDraft, readDraft, changeDraft } from './drafts/drafts.ts'
import { applyDraft } from './drafts/apply-draft.ts'
import { closeDraft, describeDraft, submitDraft } from './drafts/decide-draft.ts'
import { changeAccessRequest, requestAccess } from './drafts/access-requests.ts'
import { listAllDrafts, showDraft } from './drafts/find-drafts.ts'
import { approveDraft, commentDraft, listDraftEvents, unapproveDraft } from './drafts/draft-events.ts'
import { assignOwner } from './environments/assign-owner.ts'
import { listWebhooks, createWebhook, changeWebhook, deleteWebhook } from './webhooks/webhooks.ts'
import { pingWebhook, listDeliveries, redeliver } from './webhooks/deliveries.ts'
import { rotateEnvironment, listRotations } from './rotation/rotate-environment.ts'
import { listSchedules, createSchedule, changeSchedule, deleteSchedule, listScheduleRuns } from './schedules/schedules.ts'
import { readKeys } from './keys/read-keys.ts'
import { finishKeys, rotateKeys, undoKeys } from './keys/rotate-keys.ts'
import { applyMigration } from './migrations/apply-migration.ts'
import { getConfigurationStatus, getLanguageHealth, getSecretsHealth, readMetrics } from './health/health.ts'
import { listMigrations } from './migrations/list-migrations.ts'
import { rollBackMigration } from './migrations/roll-back-migration.ts'
import type { UseCase } from './plane.ts'
import { createTrustRule, deleteTrustRule, listTrustRules, readTrustRule, updateTrustRule } from './trust/trust-rules.ts'
import { describeProviders } from './providers/describe-providers.ts'
import { assembleArtifact, listMissingFiles, putFile } from './releases/artifacts.ts'
import type { PublicRoute } from './public-answers.ts'
import { createRelease } from './releases/create-release.ts'
import { abortDeployment, createDeployment, planDeployment, rollBack, stopTarget } from './releases/deployments.ts'
import { reconfigure } from './releases/reconfigure.ts'
import { listDeployments, listReleases, listTargets, readLogs, readRelease, readStatus, watchDeployment } from './releases/release-reads.ts'

/** The use case of every route that asks who calls. Those that ask nobody are in public-answers.ts. */
export const useCases: { readonly [K in Exclude<RouteName, PublicRoute>]: UseCase<K> } = {
  getSession: readSession,
  getConfigurationStatus,
  getLanguageHealth,
  getSecretsHealth,
  readMetrics,
  listPrincipals,
  createPrincipal,
  readPrincipal,
  updatePrincipal,
  deletePrincipal,
  listTeams,
  createTeam,
  readTeam,
  updateTeam,
  deleteTeam,
  addTeamMember,
  removeTeamMember,
  listRoles,
  createRole,
  readRole,
  updateRole,
  deleteRole,
  listBindings,
  createBinding,
  readBinding,
  updateBinding,
  deleteBinding,
  listTokens,
  createToken,
  readToken,
  updateToken,
  revokeToken,
  checkAccess,
  listTrustRules,
  createTrustRule,
  readTrustRule,
  updateTrustRule,
  deleteTrustRule,
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
  cloneEnvironment,
  renameEnvironment,
  listDeletedEnvironments,
  restoreEnvironment,
  readSettings,
  changeSettings,
  listTags,
  retractRevision,
  listLabels,
  setLabel,
  deleteLabel,
  listReferrers,
  checkText,
  describeProviders,
  sealValues,
  openValues,
  createOpenSession,
  readOpenSession,
  createTextSession,
  readTextSession,
  listDrafts,
  createDraft,
  readDraft,
  changeDraft,
  submitDraft,
  applyDraft,
  closeDraft,
  requestAccess,
  changeAccessRequest,
  listAllDrafts,
  showDraft,
  describeDraft,
  approveDraft,
  unapproveDraft,
  commentDraft,
  listDraftEvents,
  assignOwner,
  listWebhooks,
  createWebhook,
  changeWebhook,
  deleteWebhook,
  pingWebhook,
  listDeliveries,
  redeliver,
  rotateEnvironment,
  listRotations,
  listSchedules,
  createSchedule,
  changeSchedule,
  deleteSchedule,
  listScheduleRuns,
  applyMigration,
  listMigrations,
  rollBackMigration,
  listAudit,
  verifyAudit,
  getCheckpoint,
  proveRecord,
  proveGrowth,
  exportAudit,
  pruneAudit,
  createBackup,
  readKeys,
  rotateKeys,
  undoKeys,
  finishKeys,
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
