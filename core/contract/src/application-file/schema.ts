/**
 * `headgate.yaml` as data: every field with its default and its meaning. This is the one source of what the plane
 * accepts, of the JSON schema an editor completes from, and (through a test) of docs/reference/headgate-yaml.md.
 */
import { nameProblem, parseEnvironmentReference } from '@headgate/model'
import { z } from 'zod'
import { duration, positiveDuration, size } from './units.ts'

/** Names of services become part of host names. */
const SERVICE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i

const serviceName = z
  .string()
  .regex(SERVICE_NAME, 'a service is named with lower-case letters, digits and `-`, because it becomes part of a host name')
const name = z.string().refine((text) => nameProblem(text) === undefined, 'a name has at most 100 letters, digits, `_`, `.` and `-`')

const health = z
  .strictObject({
    path: z
      .string()
      .startsWith('/', 'a path starts with `/`')
      .regex(/^[!-~]*$/, 'a path is printable ASCII without blanks')
      .default('/')
      .describe('What is asked by GET. An answer from 200 to 399 is healthy.'),
    interval: positiveDuration.prefault('1s').describe('How often a healthy instance is asked. A new one is asked every 25ms.'),
    timeout: positiveDuration.prefault('1s').describe('How long one answer may take.'),
    healthy_after: z.number().int().min(1).max(100).default(2).describe('So many good answers in a row make an instance healthy.'),
    deadline: positiveDuration
      .prefault('60s')
      .describe('An instance that is not healthy so long after its start never will be: the release goes back.'),
  })
  .refine(({ timeout, deadline }) => timeout <= deadline, {
    path: ['deadline'],
    message: 'it is shorter than `timeout`, so that not one answer could be waited for',
  })
  .transform(({ path, interval, timeout, healthy_after, deadline }) => ({
    path,
    intervalMs: interval,
    timeoutMs: timeout,
    healthyAfter: healthy_after,
    deadlineMs: deadline,
  }))

const limits = z
  .strictObject({
    memory: size.optional().describe('All processes of an instance together, for example `512MB`.'),
    cpus: z.number().positive('it must be more than 0').optional().describe('Processors, for example `1` or `0.5`.'),
  })
  .transform(({ memory, cpus }) => ({ ...(memory === undefined ? {} : { memoryBytes: memory }), ...(cpus === undefined ? {} : { cpus }) }))

const drain = z
  .strictObject({
    requests: duration.prefault('30s').describe('How long requests in flight may still take once an instance gets no new ones.'),
    connections: duration.prefault('60s').describe('How long WebSockets and streaming answers may stay.'),
  })
  .transform(({ requests, connections }) => ({ requestsMs: requests, connectionsMs: connections }))

const service = z
  .strictObject({
    build: z.string().min(1).optional().describe('A command the command line runs here before it uploads the artifact.'),
    artifact: z.string().min(1).default('.').describe('The folder that is copied. `.git` and `.env*` stay out.'),
    run: z.string().min(1).optional().describe('The command, run inside the copy with PORT set.'),
    image: z.string().min(1).optional().describe('A container image, instead of `run`.'),
    health: health.prefault({}),
    replicas: z.number().int().min(1).max(100).default(1).describe('How many instances run.'),
    limits: limits.prefault({}),
    drain: drain.prefault({}),
    reload: z
      .enum(['auto', 'switch'])
      .default('switch')
      .describe('`auto`: takes a changed setting through the SDK while it runs. `switch`: a changed setting needs a new instance.'),
  })
  .superRefine((value, context) => {
    if (value.run !== undefined && value.image !== undefined) {
      context.addIssue({ code: 'custom', path: ['image'], message: 'a service has either `run` or `image`, not both' })
    } else if (value.run === undefined && value.image === undefined) {
      context.addIssue({ code: 'custom', message: 'a service needs `run`, the command that starts it' })
    }
  })

const steps = z
  .array(z.number().int().min(1).max(100))
  .min(1)
  .refine((shares) => shares.at(-1) === 100, 'the last step is 100: all of the traffic')
  .refine(
    (shares) => shares.every((share, index) => index === 0 || share > (shares[index - 1] ?? 0)),
    'each step is more than the one before',
  )

const strategy = z
  .strictObject({
    type: z.enum(['blue-green', 'rolling', 'recreate', 'canary']).default('blue-green'),
    steps: steps.default([100]).describe('Shares of the traffic in percent, rising to 100.'),
    step_duration: duration.prefault('10s').describe('How long each share is watched before the next.'),
  })
  .transform(({ type, steps: shares, step_duration }) => ({ type, steps: shares, stepDurationMs: step_duration }))

const rollbackOn = z
  .strictObject({
    error_rate: z.number().min(0).max(1).optional().describe('The share of requests that may fail, from 0 to 1.'),
    latency_p95: positiveDuration.optional().describe('What 95 of 100 requests are at most allowed to take.'),
    window: positiveDuration.prefault('10s').describe('The span both are counted over.'),
  })
  .refine(({ error_rate, latency_p95 }) => error_rate !== undefined || latency_p95 !== undefined, 'it needs `error_rate` or `latency_p95`')
  .transform(({ error_rate, latency_p95, window }) => ({
    ...(error_rate === undefined ? {} : { errorRate: error_rate }),
    ...(latency_p95 === undefined ? {} : { latencyP95Ms: latency_p95 }),
    windowMs: window,
  }))

const environment = z
  .strictObject({
    configuration: z
      .string()
      .refine(isConfiguration, 'a configuration is `project/environment`, and `@tag` or `@revision` behind it where one is meant')
      .describe('The environment its services run with: `project/environment[@tag or revision]`.'),
    domain: z
      .string()
      .regex(HOST_NAME, 'a domain is a host name without a port')
      .optional()
      .describe('The host name its first service answers to.'),
    strategy: strategy.prefault({}),
    rollback_on: rollbackOn.optional().describe('What sends a release back by itself. Broken health always does.'),
  })
  .transform(({ rollback_on, domain, ...rest }) => ({
    ...rest,
    ...(domain === undefined ? {} : { domain: domain.toLowerCase() }),
    ...(rollback_on === undefined ? {} : { thresholds: rollback_on }),
  }))

export const applicationFile = z.strictObject({
  project: name.describe('What the application is called.'),
  services: z.record(serviceName, service).refine((services) => Object.keys(services).length > 0, 'it needs at least one service'),
  environments: z.record(name, environment).refine((all) => Object.keys(all).length > 0, 'it needs at least one environment'),
})

function isConfiguration(text: string): boolean {
  return text.includes('/') && parseEnvironmentReference(text, { organisation: 'main' }).ok
}

/** The JSON schema of `headgate.yaml`, for editors. */
export function applicationFileSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(applicationFile, { io: 'input', target: 'draft-7' }),
    title: 'headgate.yaml',
    description: 'The services of an application and the environments they are deployed to.',
  }
}
