/**
 * What the routes of releases can answer, by where it is refused: each error code that the code of releases names is
 * placed here with the routes that answer it, and the contract must name exactly those. A new refusal, one that is gone, and
 * an error of the contract that nobody answers fail here until contract and code agree. Who calls what is read by people:
 * whoever lets another route answer an old refusal adds it here.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { test } from 'node:test'
import { type Route, type RouteName, commonErrors, errorsOf, routes } from '@headgate/contract'
import { type ErrorCode, errorCatalogue } from '@headgate/model'

const repository = join(import.meta.dirname, '..', '..')

const routesOfReleases = (Object.keys(routes) as RouteName[]).filter((name) =>
  /^\/api\/v1\/(?:targets|artifacts)(?:\/|$)/.test(routes[name].path),
)
/** `run`: it ends a run and stands in the deployment's reason. `bug`: what cannot be. `seen`: of others, only looked at here. */
type Place = readonly RouteName[] | 'run' | 'bug' | 'seen'

const uploads = ['listMissingFiles', 'putFile', 'assembleArtifact'] as const
const deploying = ['createDeployment', 'rollBack', 'reconfigure'] as const
const beginning = [...deploying, 'stopTarget'] as const
const planning = [...beginning, 'planDeployment'] as const
const keeping = [...planning, 'readStatus'] as const
/** Any of them may be asked a node that does not keep the target. */
const passedOn = routesOfReleases.filter((name) => (routes[name] as Route).answeredBy === 'keeper')
const freezing = ['createRelease', 'reconfigure'] as const
const naming = ['readRelease', 'planDeployment', 'createDeployment', 'rollBack'] as const

const releases = 'plane/releases/src'
const useCases = 'plane/operations/src'

/** By file. What a route and a run can both end with stands under the route. */
const placed: Readonly<Record<string, Partial<Record<ErrorCode, Place>>>> = {
  [`${releases}/artifacts/artifact-store.ts`]: {
    ARTIFACT_DISK: uploads,
    ARTIFACT_INVALID: uploads,
    ARTIFACT_INCOMPLETE: ['assembleArtifact'],
    ARTIFACT_DAMAGED: 'run',
  },
  [`${releases}/artifacts/place-tree.ts`]: { ARTIFACT_DAMAGED: ['assembleArtifact'] },
  [`${releases}/begin-deployment.ts`]: { RELEASE_LOCKED: beginning, DOMAIN_TAKEN: deploying },
  [`${releases}/create-release.ts`]: {
    TARGET_NOT_IN_FILE: ['createRelease'],
    ARTIFACT_MISSING: ['createRelease'],
    ARTIFACT_INCOMPLETE: ['createRelease'],
  },
  [`${releases}/execute-run.ts`]: { DEPLOYMENT_ABORTED: 'run', STEP_BROKE: 'run' },
  [`${releases}/journal.ts`]: { STORE_UNAVAILABLE: 'seen' },
  [`${releases}/keepers.ts`]: { RELEASE_LOCKED: keeping, NODE_UNREACHABLE: keeping },
  [`${releases}/lease.ts`]: { RUN_FENCED: keeping },
  [`${releases}/open-releases.ts`]: {
    RELEASE_NOT_FOUND: ['createDeployment', 'planDeployment'],
    NOTHING_LIVE: ['reconfigure'],
    DEPLOYMENT_NOT_FOUND: ['abortDeployment', 'watchDeployment'],
    DEPLOYMENT_ENDED: ['abortDeployment'],
  },
  [`${releases}/process/fence.ts`]: { RUN_FENCED: 'run' },
  [`${releases}/process/process-driver.ts`]: { INSTANCE_NOT_STARTED: 'run' },
  [`${releases}/release-reference.ts`]: { RELEASE_NOT_FOUND: naming, RELEASE_AMBIGUOUS: naming },
  [`${releases}/resume-deployment.ts`]: { DEPLOYMENT_NOT_FOUND: 'bug' },
  [`${releases}/steps/configuration-steps.ts`]: { CONFIGURATION_NOT_TAKEN: 'run' },
  [`${releases}/steps/instance-steps.ts`]: {
    RELEASE_NOT_FOUND: 'run',
    INSTANCE_ENDED: 'run',
    INSTANCE_NOT_HEALTHY: 'run',
    INSTANCES_MISSING: 'run',
    LAST_HEALTHY_COPY: 'run',
  },
  [`${releases}/steps/traffic-steps.ts`]: {
    RELEASE_NOT_SERVING: 'run',
    RELEASE_UNHEALTHY: 'run',
    RELEASE_FAILED_ITS_LIMITS: 'run',
    RELEASE_UNPROVEN: 'run',
  },
  [`${releases}/target-keeper.ts`]: { RELEASE_NOT_FOUND: 'bug' },
  [`${releases}/traffic.ts`]: { ROUTER_UNREACHABLE: planning },
  [`${releases}/turn-back.ts`]: { ROUTER_UNREACHABLE: 'seen' },
  [`${useCases}/releases/artifacts.ts`]: { PERMISSION_DENIED: uploads },
  [`${useCases}/releases/configuration-source.ts`]: {
    TOKEN_INVALID: 'run',
    OPEN_FAILED: 'run',
    REVISION_NOT_FOUND: ['planDeployment'],
    RELEASE_NOT_FOUND: ['planDeployment'],
    ROW_TAMPERED: 'bug',
  },
  [`${useCases}/releases/create-release.ts`]: { APPLICATION_FILE_INVALID: ['createRelease'] },
  [`${useCases}/releases/freeze-configuration.ts`]: {
    CONFIGURATION_AMBIGUOUS: freezing,
    OPEN_DENIED_IMPORT: freezing,
    ENV_NOT_FOUND: 'seen',
  },
  [`${useCases}/releases/reconfigure.ts`]: { RELEASE_LOCKED: 'seen', NODE_UNREACHABLE: 'seen' },
  // What the code of releases calls: rights, names of environments, and commits. Other codes of these files are for others.
  [`${useCases}/access/import-right.ts`]: {
    ENV_NOT_FOUND: [...freezing, 'createDeployment'],
    PERMISSION_DENIED: [...freezing, 'createDeployment'],
  },
  [`${useCases}/environments/find-revision.ts`]: { ENV_NOT_FOUND: freezing, REVISION_NOT_FOUND: freezing, TAG_NOT_FOUND: freezing },
  'plane/server/src/nodes/pass-on.ts': {
    NODE_UNREACHABLE: passedOn,
    NODE_UNCERTAIN: passedOn.filter((name) => routes[name].method !== 'GET'),
  },
  'core/model/src/environment-reference.ts': { REFERENCE_INVALID: freezing },
  'plane/store/src/apply-change.ts': { CHANGE_CONFLICT: ['createRelease', ...beginning] },
}

const called = Object.keys(placed).filter((file) => !file.startsWith(`${releases}/`) && !file.startsWith(`${useCases}/releases/`))
const own = globSync([`${releases}/**/*.ts`, `${useCases}/releases/*.ts`], { cwd: repository }).map((file) => file.split(sep).join('/'))

/** The error codes a file names. */
function codesIn(file: string): ErrorCode[] {
  const words = readFileSync(join(repository, file), 'utf8').matchAll(/'([A-Z][A-Z_]+)'/g)
  const codes = [...words].map(([, word = '']) => word).filter((word): word is ErrorCode => Object.hasOwn(errorCatalogue, word))
  return [...new Set(codes)].toSorted()
}

test('each error code that the code of releases names is placed with what it ends', () => {
  assert.ok(own.length > 40, 'the code of releases was found')
  const found = Object.fromEntries(own.map((file) => [file, codesIn(file)] as const).filter(([, codes]) => codes.length > 0))
  const placedAs = (file: string): string[] => Object.keys(placed[file] ?? {}).toSorted()
  const expected = Object.fromEntries(
    Object.keys(placed)
      .filter((file) => !called.includes(file))
      .map((file) => [file, placedAs(file)]),
  )
  assert.deepEqual(found, expected)
  for (const file of called) {
    const codes: readonly string[] = codesIn(file)
    assert.deepEqual(
      placedAs(file),
      placedAs(file).filter((code) => codes.includes(code)),
      file,
    )
  }
})

test('each route that can find its target kept by another node is passed on to it', () => {
  assert.deepEqual(
    keeping.filter((name) => !passedOn.includes(name)),
    [],
  )
})

test('the contract of each release route names the errors its use case can answer, and no other', () => {
  const answers = new Map<RouteName, Set<ErrorCode>>()
  for (const codes of Object.values(placed)) {
    for (const [code, place] of Object.entries(codes) as [ErrorCode, Place][]) {
      for (const name of typeof place === 'string' ? [] : place) answers.set(name, (answers.get(name) ?? new Set()).add(code))
    }
  }
  assert.ok(routesOfReleases.length >= 17)
  const unnamed: string[] = []
  const unanswered: string[] = []
  for (const name of routesOfReleases) {
    const route: Route = routes[name]
    const answered = answers.get(name) ?? new Set()
    for (const code of answered) if (!errorsOf(route).includes(code)) unnamed.push(`${name} ${code}`)
    const ofAll: readonly ErrorCode[] = commonErrors
    for (const code of route.errors) if (!answered.has(code) && !ofAll.includes(code)) unanswered.push(`${name} ${code}`)
  }
  assert.deepEqual({ unnamed, unanswered }, { unnamed: [], unanswered: [] })
})
