import { z } from 'zod'
import { deployment, release, stepState, traffic, verdict } from './release-shapes.ts'
import { noBody, noParams, noQuery, time } from './shapes.ts'

/** Where releases go: an environment of `headgate.yaml`, by the names it is deployed under. */
export const targetParams = z.object({ organisation: z.string(), project: z.string(), environment: z.string() })
const deploymentParams = targetParams.extend({ deployment: z.string() })

const entry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string(), size: z.number().int().min(0), hash: z.string(), executable: z.boolean() }),
  z.object({ kind: z.literal('link'), path: z.string(), target: z.string() }),
])
const manifest = z.object({ entries: z.array(entry).max(200_000) })

const plannedStep = z.object({ key: z.string(), text: z.string(), inverse: z.string() })

/** What happened in a deployment, in order; the stream ends with the deployment. */
const eventBase = z.object({ sequence: z.number().int(), time })
const event = z.discriminatedUnion('type', [
  eventBase.extend({ type: z.literal('plan'), direction: z.string(), steps: z.array(plannedStep) }),
  eventBase.extend({
    type: z.literal('step'),
    direction: z.string(),
    key: z.string(),
    text: z.string(),
    state: stepState,
    detail: z.string().optional(),
  }),
  eventBase.extend({ type: z.literal('traffic'), traffic }),
  eventBase.extend({ type: z.literal('verdict'), service: z.string(), verdict }),
  eventBase.extend({
    type: z.literal('instance'),
    service: z.string(),
    instance: z.string(),
    state: z.string(),
    detail: z.string().optional(),
  }),
  eventBase.extend({ type: z.literal('deployment'), state: z.string(), reason: z.string().optional() }),
])
const logLine = z.object({ time: time.optional(), service: z.string(), instance: z.string(), text: z.string() })

const instanceStatus = z.object({
  instance: z.string(),
  release: z.string(),
  state: z.string(),
  pid: z.number().int().optional(),
  port: z.number().int().optional(),
  started: time.optional(),
  restarts: z.number().int(),
  detail: z.string().optional(),
})
const serviceStatus = z.object({
  service: z.string(),
  domain: z.string(),
  traffic: z.array(z.object({ release: z.string(), share: z.number() })),
  instances: z.array(instanceStatus),
})

export const releaseSchemas = {
  listMissingFiles: { params: noParams, query: noQuery, body: manifest, answer: z.object({ missing: z.array(z.string()) }) },
  putFile: {
    params: z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) }),
    query: noQuery,
    body: z.custom<AsyncIterable<Uint8Array>>(),
    answer: z.object({ hash: z.string() }),
  },
  assembleArtifact: { params: noParams, query: noQuery, body: manifest, answer: z.object({ artifact: z.string() }) },
  listTargets: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({ targets: z.array(targetParams) }),
  },
  createRelease: {
    params: targetParams,
    query: noQuery,
    body: z.object({
      /** The text of `headgate.yaml` and what it is called, so that mistakes are shown at their place. */
      file: z.object({ name: z.string(), text: z.string() }),
      /** The artifact of each service, as `assembleArtifact` named it. */
      artifacts: z.record(z.string(), z.string()),
      /** Another configuration than the file's: `project/environment@revision-or-tag`. */
      configuration: z.string().optional(),
      version: z.string().max(200).optional(),
    }),
    answer: release,
  },
  listReleases: {
    params: targetParams,
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).optional() }),
    body: noBody,
    answer: z.object({ releases: z.array(release) }),
  },
  readRelease: { params: targetParams.extend({ release: z.string() }), query: noQuery, body: noBody, answer: release },
  planDeployment: {
    params: targetParams,
    query: noQuery,
    body: z.object({ release: z.string().optional() }),
    answer: z.object({ steps: z.array(plannedStep), notes: z.array(z.string()) }),
  },
  createDeployment: { params: targetParams, query: noQuery, body: z.object({ release: z.string() }), answer: deployment },
  rollBack: {
    params: targetParams,
    query: noQuery,
    /** `previous`, or a release by its id (or the beginning of it), its `#number` or its version. */
    body: z.object({ to: z.string() }),
    answer: deployment,
  },
  reconfigure: { params: targetParams, query: noQuery, body: noBody, answer: z.object({ deployment: deployment.optional() }) },
  stopTarget: { params: targetParams, query: noQuery, body: noBody, answer: deployment },
  listDeployments: {
    params: targetParams,
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).optional() }),
    body: noBody,
    answer: z.object({ deployments: z.array(deployment) }),
  },
  abortDeployment: {
    params: deploymentParams,
    query: noQuery,
    body: z.object({ reason: z.string().max(500).optional() }),
    answer: deployment,
  },
  watchDeployment: { params: deploymentParams, query: noQuery, body: noBody, answer: event },
  readStatus: {
    params: targetParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      target: targetParams,
      live: release.optional(),
      deployment: deployment.optional(),
      services: z.array(serviceStatus),
      router: z.object({ url: z.string().optional(), serving: z.boolean() }),
    }),
  },
  readLogs: {
    params: targetParams,
    query: z.object({
      service: z.string().optional(),
      instance: z.string().optional(),
      tail: z.coerce.number().int().min(0).max(100_000).optional(),
      follow: z.enum(['true', 'false']).optional(),
    }),
    body: noBody,
    answer: logLine,
  },
}

export type DeploymentEvent = z.output<typeof event>
export type LogLine = z.output<typeof logLine>
