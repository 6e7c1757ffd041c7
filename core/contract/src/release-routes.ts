/** Releases: artifacts, what is frozen of them, what brings them live, and what runs. */
import { DOCUMENT_LIMIT, defineRoutes } from './route.ts'

const target = '/api/v1/targets/:organisation/:project/:environment'
/** A release is named by its id, the beginning of it, its `#number` or its version. */
const findErrors = ['RELEASE_NOT_FOUND', 'RELEASE_AMBIGUOUS'] as const
/** Whoever asks the plane that keeps a target may find that another one does. */
const keeperErrors = ['RELEASE_LOCKED', 'RUN_FENCED'] as const
const stopErrors = [...keeperErrors, 'ROUTER_UNREACHABLE', 'CHANGE_CONFLICT'] as const
const deployErrors = ['DOMAIN_TAKEN', ...stopErrors] as const
/** What can be wrong with the configuration that a release is to freeze. */
const freezeErrors = [
  'REFERENCE_INVALID',
  'ENV_NOT_FOUND',
  'REVISION_NOT_FOUND',
  'TAG_NOT_FOUND',
  'OPEN_DENIED_IMPORT',
  'CONFIGURATION_AMBIGUOUS',
] as const
/** Largest single file of an artifact, in bytes. */
const FILE_LIMIT = 2 * 1024 * 1024 * 1024
/** A manifest names every file of an artifact. */
const MANIFEST_LIMIT = 64 * 1024 * 1024
/** Room for the text of `headgate.yaml`, its JSON escapes and the rest of the request. */
const TEXT_LIMIT = 2 * DOCUMENT_LIMIT + 64 * 1024

export const releaseRoutes = defineRoutes({
  listMissingFiles: {
    method: 'POST',
    path: '/api/v1/artifacts/missing',
    summary: 'Which files of a manifest the plane does not hold yet',
    permission: 'any',
    on: 'nothing',
    audit: { none: 'tells of hashes the caller already knows' },
    errors: ['ARTIFACT_INVALID', 'ARTIFACT_DISK'],
    bodyLimit: MANIFEST_LIMIT,
  },
  putFile: {
    method: 'PUT',
    path: '/api/v1/artifacts/files/:hash',
    summary: 'Store a file of an artifact under its SHA-256',
    permission: 'any',
    on: 'nothing',
    audit: { none: 'content without a name; its use in a release is recorded' },
    errors: ['ARTIFACT_INVALID', 'ARTIFACT_DISK'],
    body: 'bytes',
    bodyLimit: FILE_LIMIT,
  },
  assembleArtifact: {
    method: 'POST',
    path: '/api/v1/artifacts',
    summary: 'Make an artifact of stored files; its name is the hash of its manifest',
    permission: 'any',
    on: 'nothing',
    audit: 'artifact.assemble',
    errors: ['ARTIFACT_INVALID', 'ARTIFACT_INCOMPLETE', 'ARTIFACT_DAMAGED', 'ARTIFACT_DISK'],
    bodyLimit: MANIFEST_LIMIT,
  },
  listTargets: {
    method: 'GET',
    path: '/api/v1/targets',
    summary: 'Where releases went, as far as the caller may know',
    permission: 'any',
    on: 'nothing',
    audit: { none: 'names only' },
    errors: [],
  },
  createRelease: {
    method: 'POST',
    path: `${target}/releases`,
    summary: 'Freeze artifacts, configuration and target specification into a release',
    permission: 'deploy',
    on: 'environment',
    audit: 'release.create',
    errors: [
      'APPLICATION_FILE_INVALID',
      'TARGET_NOT_IN_FILE',
      'ARTIFACT_MISSING',
      'ARTIFACT_INCOMPLETE',
      'CHANGE_CONFLICT',
      ...freezeErrors,
    ],
    bodyLimit: TEXT_LIMIT,
  },
  listReleases: {
    method: 'GET',
    path: `${target}/releases`,
    summary: 'The releases of a target, newest first',
    permission: 'read',
    on: 'environment',
    audit: { none: 'names and hashes' },
    errors: [],
  },
  readRelease: {
    method: 'GET',
    path: `${target}/releases/:release`,
    summary: 'One release: its artifacts, frozen configuration and specification',
    permission: 'read',
    on: 'environment',
    audit: { none: 'names and hashes' },
    errors: [...findErrors],
  },
  planDeployment: {
    method: 'POST',
    path: `${target}/plan`,
    summary: 'The steps that would bring a release live, each with its inverse; nothing is done',
    permission: 'read',
    on: 'environment',
    answeredBy: 'keeper',
    audit: { none: 'changes nothing' },
    errors: [...findErrors, ...keeperErrors, 'ROUTER_UNREACHABLE', 'REVISION_NOT_FOUND'],
  },
  createDeployment: {
    method: 'POST',
    path: `${target}/deployments`,
    summary: 'Bring a release live',
    permission: 'deploy',
    on: 'environment',
    answeredBy: 'keeper',
    audit: 'deployment.create',
    errors: [...findErrors, ...deployErrors, 'ENV_NOT_FOUND'],
  },
  rollBack: {
    method: 'POST',
    path: `${target}/rollback`,
    summary: 'Bring an earlier release live again, code and configuration together',
    permission: 'deploy',
    on: 'environment',
    answeredBy: 'keeper',
    audit: 'deployment.rollback',
    errors: [...findErrors, ...deployErrors],
  },
  reconfigure: {
    method: 'POST',
    path: `${target}/reconfigure`,
    summary: 'Make a configuration-only release of what is live, if a setting changed',
    permission: 'deploy',
    on: 'environment',
    answeredBy: 'keeper',
    audit: 'deployment.reconfigure',
    errors: ['NOTHING_LIVE', ...deployErrors, ...freezeErrors],
  },
  stopTarget: {
    method: 'POST',
    path: `${target}/stop`,
    summary: 'Drain and stop everything of a target',
    permission: 'deploy',
    on: 'environment',
    answeredBy: 'keeper',
    audit: 'deployment.stop',
    errors: [...stopErrors],
  },
  listDeployments: {
    method: 'GET',
    path: `${target}/deployments`,
    summary: 'The deployments of a target, newest first',
    permission: 'read',
    on: 'environment',
    audit: { none: 'names and states' },
    errors: [],
  },
  abortDeployment: {
    method: 'POST',
    path: `${target}/deployments/:deployment/abort`,
    summary: 'Send a running deployment back to what was live',
    permission: 'deploy',
    on: 'environment',
    answeredBy: 'keeper',
    audit: 'deployment.abort',
    errors: ['DEPLOYMENT_NOT_FOUND', 'DEPLOYMENT_ENDED'],
  },
  watchDeployment: {
    method: 'GET',
    path: `${target}/deployments/:deployment/events`,
    summary: 'What happened in a deployment and what happens, until it ends',
    permission: 'read',
    on: 'environment',
    answeredBy: 'keeper',
    audit: { none: 'names and states' },
    errors: ['DEPLOYMENT_NOT_FOUND'],
    answer: 'lines',
  },
  readStatus: {
    method: 'GET',
    path: `${target}/status`,
    summary: 'What runs and where traffic goes, freshly observed',
    permission: 'read',
    on: 'environment',
    answeredBy: 'keeper',
    audit: { none: 'names and states' },
    errors: [...keeperErrors],
  },
  readLogs: {
    method: 'GET',
    path: `${target}/logs`,
    summary: 'What the instances of a target printed',
    permission: 'deploy',
    on: 'environment',
    answeredBy: 'keeper',
    audit: 'logs.read',
    errors: [],
    answer: 'lines',
  },
})
