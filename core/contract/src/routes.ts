/**
 * The routes of the native API. This entry holds no schema library, so a program that only calls routes (the SDK,
 * `headgate run`) can use the table itself; the shapes are types for it, and schemas for the server.
 *
 * To add a route: put it here, its shapes into schemas/, its use case into plane/operations. The compiler names what
 * is still missing.
 */
import { accessRoutes } from './access-routes.ts'
import { automationRoutes } from './automation-routes.ts'
import { draftRoutes } from './draft-routes.ts'
import { environmentRoutes } from './environment-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { identityRoutes } from './identity-routes.ts'
import { keyRoutes } from './key-routes.ts'
import { releaseRoutes } from './release-routes.ts'
import { DOCUMENT_LIMIT, defineRoutes } from './route.ts'

const environment = '/api/v1/environments/:organisation/:project/:environment'
const environmentErrors = ['REFERENCE_INVALID', 'ENV_NOT_FOUND'] as const
const versionErrors = [...environmentErrors, 'REVISION_NOT_FOUND', 'TAG_NOT_FOUND'] as const
const documentErrors = ['DOCUMENT_INVALID', 'DOCUMENT_TOO_LARGE', 'HANDLE_FOREIGN', 'HANDLE_INVALID', 'HANDLE_MOVED'] as const
/** Room for a text, its JSON escapes and the rest of the request. */
const documentBody = 2 * DOCUMENT_LIMIT + 64 * 1024

export const routes = defineRoutes({
  ...healthRoutes,
  ...identityRoutes,
  getSession: {
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who the token belongs to, and what they may do',
    permission: 'any',
    on: 'nothing',
    audit: 'session.read',
    whenFull: 'half',
    errors: [],
  },
  listEnvironments: {
    method: 'GET',
    path: '/api/v1/environments',
    summary: 'The environments the caller may know of',
    permission: 'any',
    on: 'nothing',
    audit: { none: 'names only, and only those the caller may read' },
    errors: [],
  },
  createEnvironment: {
    method: 'POST',
    path: environment,
    summary: 'Create an environment, empty or with a first text',
    permission: 'write',
    on: 'environment',
    audit: 'environment.create',
    errors: ['REFERENCE_INVALID', 'NAME_INVALID', 'ENV_EXISTS', ...documentErrors],
    bodyLimit: documentBody,
  },
  readEnvironment: {
    method: 'GET',
    path: environment,
    summary: 'The text of a revision, its secrets sealed',
    permission: 'read',
    on: 'environment',
    audit: { none: 'secrets stay sealed' },
    errors: versionErrors,
  },
  saveEnvironment: {
    method: 'PUT',
    path: environment,
    summary: 'Save a text as a new revision; plaintext secrets in it are sealed',
    permission: 'write',
    on: 'environment',
    audit: 'environment.save',
    errors: [...environmentErrors, ...documentErrors, 'REVISION_CONFLICT'],
    bodyLimit: documentBody,
  },
  deleteEnvironment: {
    method: 'DELETE',
    path: environment,
    summary: 'Delete an environment; its revisions and its name stay reserved',
    permission: 'delete',
    on: 'environment',
    audit: 'environment.delete',
    errors: [...environmentErrors, 'ENV_IMPORTED', 'REVISION_CONFLICT'],
  },
  checkEnvironment: {
    method: 'POST',
    path: `${environment}/check`,
    summary: 'Check a text as if it were saved, without decrypting anything',
    permission: 'read',
    on: 'environment',
    audit: { none: 'decrypts nothing and changes nothing' },
    errors: ['REFERENCE_INVALID', 'DOCUMENT_TOO_LARGE'],
    bodyLimit: documentBody,
  },
  unsealEnvironment: {
    method: 'POST',
    path: `${environment}/unseal`,
    summary: 'The text of a revision for an editor, its secrets in plaintext',
    permission: 'open',
    on: 'environment',
    audit: 'environment.unseal',
    errors: versionErrors,
  },
  openEnvironment: {
    method: 'POST',
    path: `${environment}/open`,
    summary: 'The values of a revision: imports merged, secrets decrypted',
    permission: 'open',
    on: 'environment',
    audit: 'environment.open',
    errors: [...versionErrors, 'OPEN_FAILED', 'OPEN_DENIED_IMPORT', 'OPEN_IMPORT_NOT_FOUND'],
  },
  listRevisions: {
    method: 'GET',
    path: `${environment}/revisions`,
    summary: 'The revisions of an environment, newest first',
    permission: 'read',
    on: 'environment',
    audit: { none: 'numbers, authors and times' },
    errors: environmentErrors,
  },
  moveTag: {
    method: 'PUT',
    path: `${environment}/tags/:tag`,
    summary: 'Make a tag name a revision',
    permission: 'write',
    on: 'environment',
    audit: 'environment.tag',
    errors: [...environmentErrors, 'REVISION_NOT_FOUND', 'TAG_INVALID', 'TAG_CONFLICT'],
  },
  deleteTag: {
    method: 'DELETE',
    path: `${environment}/tags/:tag`,
    summary: 'Delete a tag; the revision stays',
    permission: 'write',
    on: 'environment',
    audit: 'environment.untag',
    errors: [...environmentErrors, 'TAG_NOT_FOUND', 'TAG_CONFLICT'],
  },
  ...environmentRoutes,
  ...draftRoutes,
  ...automationRoutes,
  ...accessRoutes,
  ...keyRoutes,
  applyMigration: {
    method: 'POST',
    path: '/api/v1/migrations',
    summary: 'Write the environments of a planned .env migration, all of them or none',
    permission: 'any',
    on: 'nothing',
    audit: 'migration.apply',
    errors: ['REFERENCE_INVALID', 'ENV_NOT_FOUND', 'ENV_EXISTS', 'REVISION_CONFLICT', ...documentErrors],
    bodyLimit: 16 * DOCUMENT_LIMIT,
  },
  listMigrations: {
    method: 'GET',
    path: '/api/v1/migrations',
    summary: 'The migrations that were applied, newest first',
    permission: 'read',
    on: 'organisation',
    audit: { none: 'names and numbers' },
    errors: [],
  },
  rollBackMigration: {
    method: 'POST',
    path: '/api/v1/migrations/:migration/rollback',
    summary: 'Put every environment of a migration back to what it was before, all of them or none',
    permission: 'any',
    on: 'nothing',
    audit: 'migration.rollback',
    errors: ['MIGRATION_NOT_FOUND', 'MIGRATION_ROLLED_BACK', 'MIGRATION_OVERWRITTEN', 'ENV_NOT_FOUND', 'REVISION_CONFLICT'],
  },
  listAudit: {
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'The audit log in order, a page at a time',
    permission: 'audit',
    on: 'organisation',
    audit: 'audit.read',
    whenFull: 'half',
    errors: ['PRINCIPAL_NOT_FOUND'],
  },
  verifyAudit: {
    method: 'POST',
    path: '/api/v1/audit/verify',
    summary: 'Recompute the audit log and every protected row, and name what does not fit',
    permission: 'audit',
    on: 'organisation',
    audit: 'audit.verify',
    whenFull: 'half',
    errors: [],
  },
  getCheckpoint: {
    method: 'GET',
    path: '/api/v1/audit/checkpoint',
    summary: 'The newest signed checkpoint of the audit log, and the key to check it with',
    permission: 'audit',
    on: 'organisation',
    audit: { none: 'a size and a hash' },
    errors: [],
  },
  proveRecord: {
    method: 'GET',
    path: '/api/v1/audit/records/:change/proof',
    summary: 'An audit record with the proof that it is in the log',
    permission: 'audit',
    on: 'organisation',
    audit: 'audit.read',
    whenFull: 'half',
    errors: ['AUDIT_RECORD_NOT_FOUND'],
  },
  proveGrowth: {
    method: 'POST',
    path: '/api/v1/audit/consistency',
    summary: 'The proof that the audit log still begins with what a kept checkpoint says',
    permission: 'audit',
    on: 'organisation',
    audit: { none: 'hashes' },
    errors: ['CHECKPOINT_FOREIGN', 'CHECKPOINT_NEWER'],
  },
  exportAudit: {
    method: 'GET',
    path: '/api/v1/audit/export',
    summary: 'The audit records of a time as JSON lines, or as OCSF events',
    permission: 'audit',
    on: 'organisation',
    audit: 'audit.export',
    whenFull: 'all',
    errors: [],
    answer: 'lines',
  },
  pruneAudit: {
    method: 'POST',
    path: '/api/v1/audit/prune',
    summary: 'Let go of the audit records that are older than the retention',
    permission: 'admin',
    on: 'organisation',
    audit: 'audit.prune',
    whenFull: 'all',
    errors: [],
  },
  createBackup: {
    method: 'POST',
    path: '/api/v1/backup',
    summary: 'An encrypted back-up of everything, as one age file',
    permission: 'backup',
    on: 'organisation',
    audit: 'backup.create',
    errors: ['BACKUP_RECIPIENT_INVALID', 'KEY_PASSPHRASE_WEAK'],
    answer: 'bytes',
  },
  ...releaseRoutes,
})

export type Routes = typeof routes
export type RouteName = keyof Routes
export * from './route.ts'
