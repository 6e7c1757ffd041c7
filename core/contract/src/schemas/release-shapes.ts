import type { Deployment, Release } from '@headgate/model'
import { z } from 'zod'
import { time } from './shapes.ts'

/** Where a release goes inside its organisation. */
const place = z.object({ project: z.string(), environment: z.string() })

const service = z.object({
  name: z.string(),
  artifact: z.string(),
  run: z.string(),
  replicas: z.number().int(),
  health: z.object({
    path: z.string(),
    intervalMs: z.number(),
    timeoutMs: z.number(),
    healthyAfter: z.number().int(),
    deadlineMs: z.number(),
  }),
  limits: z.object({ memoryBytes: z.number().optional(), cpus: z.number().optional() }),
  drain: z.object({ requestsMs: z.number(), connectionsMs: z.number() }),
  reload: z.enum(['auto', 'switch']),
  domain: z.string(),
})

const frozen = z.object({
  reference: z.string(),
  revisions: z.array(z.object({ environment: z.string(), environmentId: z.string(), revision: z.number().int(), hash: z.string() })),
})

const content = z.object({
  target: place,
  services: z.array(service),
  configuration: frozen,
  strategy: z.object({ type: z.literal('blue-green'), steps: z.array(z.number()), stepDurationMs: z.number() }),
  thresholds: z.object({ errorRate: z.number().optional(), latencyP95Ms: z.number().optional(), windowMs: z.number() }).optional(),
})

/** Code and configuration together, by the hash of both. */
const releaseObject = z.object({
  id: z.string(),
  number: z.number().int(),
  target: place,
  content,
  version: z.string().optional(),
  createdBy: z.string(),
  createdAt: time,
})
export const release = releaseObject as unknown as z.ZodType<Release>

const deploymentObject = z.object({
  id: z.string(),
  target: place,
  kind: z.enum(['release', 'configuration', 'rollback', 'stop']),
  release: z.string().optional(),
  previous: z.string().optional(),
  state: z.enum(['running', 'returning', 'live', 'rolled-back', 'failed', 'superseded', 'stopped']),
  reason: z.string().optional(),
  startedBy: z.string(),
  startedAt: time,
  endedAt: time.optional(),
})
export const deployment = deploymentObject as unknown as z.ZodType<Deployment>

export const stepState = z.enum(['waiting', 'running', 'done', 'failed', 'skipped'])
/** Shares of the traffic in percent, by service and release. */
export const traffic = z.record(z.string(), z.record(z.string(), z.number()))
export const verdict = z.object({
  outcome: z.enum(['pass', 'fail', 'inconclusive']),
  reasons: z.array(z.string()),
  evidence: z.object({
    requests: z.number().int(),
    errors: z.number().int(),
    errorRate: z.number().optional(),
    latencyP95Ms: z.number().optional(),
  }),
})
