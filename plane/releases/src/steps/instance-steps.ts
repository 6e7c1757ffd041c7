import { createHash } from 'node:crypto'
import { type Result, ok, refuse } from '@headgate/model'
import type { Surplus } from '@headgate/rollout'
import { codeDigest, configurationDigest } from '../digests.ts'
import { Draft } from '../draft.ts'
import { type KeptInstance, UNEXPLAINED, isHealthy } from '../instances.ts'
import { routerCode } from '../router.ts'
import { upstreamId } from '../traffic.ts'
import type { StepContext, StepDone, StepHandler } from './step-context.ts'

export const placeArtifact: StepHandler<'place-artifact'> = async ({ keeper }, step) => {
  const placed = await keeper.surroundings.artifacts.place(step.artifact)
  return placed.ok ? ok({}) : placed
}

/**
 * Starts new instances. Their names follow from the step, so a second attempt at it finds the ones that the first one
 * wrote down and starts only what was never started.
 */
export const startInstances: StepHandler<'start-instances'> = async ({ keeper, key, release }, step) => {
  const wanted = await release(step.release)
  const service = wanted.content.services.find((one) => one.name === step.service)
  if (!service) return refuse('RELEASE_NOT_FOUND', { release: `${step.release} with ${step.service}` })
  const plan = { release: wanted, service }
  const identity = { code: codeDigest(service), configuration: configurationDigest(wanted.content.configuration) }
  const ids = Array.from({ length: step.count }, (_, index) => instanceId(step.service, key, index))
  const registered = await keeper.instances.register(ids.map((id) => ({ id, plan, ...identity })))
  if (!registered.ok) return registered
  const starting = keeper.instances.list().filter(({ row }) => ids.includes(row.id))
  const brought = await Promise.all(starting.filter((kept) => !wasStarted(kept)).map((kept) => keeper.instances.bring(kept)))
  return brought.find((result) => !result.ok) ?? ok({ detail: ids.join(', ') })
}

/** One that ran already and ended is not started a second time: the next step finds out why it ended. */
function wasStarted({ process }: KeptInstance): boolean {
  return process !== undefined
}

/** Short enough to be said, unique by the step it comes from. */
function instanceId(service: string, key: string, index: number): string {
  return `${service}-${createHash('sha256').update(`${key}/${index}`).digest('hex').slice(0, 10)}`
}

export const awaitHealthy: StepHandler<'await-healthy'> = async (context, step) => {
  const { keeper, signal, deadline = 0 } = context
  const { clock } = keeper.surroundings
  const ofRelease = () => keeper.instances.of(step.service).filter(({ row }) => row.release === step.release && row.state !== 'draining')
  for (;;) {
    const instances = ofRelease()
    const healthy = instances.filter(isHealthy)
    if (healthy.length >= step.replicas) break
    const ended = instances.find(({ gone, row }) => gone !== undefined && row.state === 'starting' && !isPending(gone))
    if (ended) return notHealthy(context, step.service, ended, 'INSTANCE_ENDED')
    if (clock.now() >= deadline) {
      const ill = instances.find((kept) => !isHealthy(kept))
      return ill
        ? notHealthy(context, step.service, ill, 'INSTANCE_NOT_HEALTHY')
        : refuse('INSTANCES_MISSING', { service: step.service, found: healthy.length, wanted: step.replicas })
    }
    await keeper.bell.wait(clock, Math.min(250, Math.max(1, deadline - clock.now())), signal)
  }
  const draft = new Draft()
  for (const kept of ofRelease()) {
    if (kept.row.state === 'starting' && isHealthy(kept))
      draft.update('instances', kept.row, { state: 'healthy' }, (row) => (kept.row = row))
  }
  // A release that has its share already gets it on the new instances too.
  return ok({ draft, afterwards: () => keeper.traffic.apply(keeper.stopped) })
}

/** Between the end of a process whose port was taken and its next attempt. */
function isPending(gone: string): boolean {
  return gone === UNEXPLAINED
}

async function notHealthy(
  { keeper }: StepContext,
  service: string,
  kept: KeptInstance,
  code: 'INSTANCE_ENDED' | 'INSTANCE_NOT_HEALTHY',
): Promise<Result<StepDone>> {
  const reason = await keeper.instances.explain(kept)
  const seconds = Math.round(kept.plan.service.health.deadlineMs / 1000)
  return refuse(code, { service, instance: kept.row.id, seconds, reason })
}

/** Takes instances out of the traffic and waits until what they are busy with is over. */
export const drainInstances: StepHandler<'drain-instances'> = async ({ keeper, signal }, { surplus }) => {
  const leaving = surplusOf(keeper.instances.of(surplus.service), surplus)
  const marked = leaving.filter(({ row }) => row.state !== 'draining')
  if (marked.length > 0) {
    const details = { service: surplus.service, instances: marked.map(({ row }) => row.id).join(' ') }
    const written = await keeper.instances.write(
      'instance.drain',
      marked.map((kept) => [kept, { state: 'draining' as const }]),
      details,
    )
    if (!written.ok) return written
  }
  const draft = new Draft()
  if (surplus.keep === undefined) {
    const { [surplus.service]: _, ...traffic } = keeper.traffic.shares
    keeper.traffic.shares = traffic
    draft.update('targets', keeper.row, { traffic: JSON.stringify(traffic) }, (row) => (keeper.row = row))
  }
  await keeper.traffic.apply(signal)
  const drained = await Promise.all(leaving.map((kept) => drain(keeper, kept, signal)))
  const cut = drained.reduce((sum, one) => sum + one, 0)
  return ok({ draft, ...(cut > 0 ? { detail: `${cut} requests were still running at the limit and were cut` } : {}) })
}

/** How many requests had to be cut. A router that is gone holds none, and the next one begins without this instance. */
async function drain(keeper: StepContext['keeper'], { row, plan }: KeptInstance, signal: AbortSignal): Promise<number> {
  const { router } = keeper.surroundings
  for (;;) {
    try {
      const order = { ...keeper.lease.command, upstream: upstreamId(row), ...plan.service.drain }
      const { requests, connections } = await router.drain(order, signal)
      return requests.cut + connections.cut
    } catch (error) {
      signal.throwIfAborted()
      const code = routerCode(error)
      if (code === 'fenced') keeper.lease.lose()
      if (code === 'unreachable' || code === 'stopping') return 0
      if (code !== 'upstream-in-use') throw error
      await keeper.traffic.apply(signal)
    }
  }
}

/**
 * Stops what was drained. Where the service is to stay, this is refused unless a healthy instance with traffic remains:
 * the plan never asks for anything else, and no mistake in between may make it so.
 */
export const stopInstances: StepHandler<'stop-instances'> = async ({ keeper, signal }, { surplus }) => {
  const instances = keeper.instances.of(surplus.service)
  const leaving = surplusOf(instances, surplus)
  if (leaving.length === 0) return ok({})
  if (surplus.keep !== undefined) {
    const { [surplus.service]: shares = {} } = await keeper.traffic.observe(signal)
    const stays = instances.some((kept) => !leaving.includes(kept) && isHealthy(kept) && (shares[kept.row.release] ?? 0) > 0)
    if (!stays) return refuse('LAST_HEALTHY_COPY', { service: surplus.service })
  }
  const detail = 'the release it belonged to is not live any more'
  const stopped = await keeper.instances.stop(leaving, { state: 'stopped', detail, signal })
  return stopped.ok ? ok({ detail: leaving.map(({ row }) => row.id).join(', ') }) : stopped
}

/** The healthy ones are kept first, so that what is too many is never what is needed. */
function surplusOf(all: readonly KeptInstance[], { keep, replicas }: Surplus): readonly KeptInstance[] {
  const kept = all
    .filter((instance) => instance.row.release === keep && instance.row.state !== 'draining' && isHealthy(instance))
    .slice(0, replicas)
  const waiting = all
    .filter((instance) => instance.row.release === keep && instance.row.state !== 'draining' && !kept.includes(instance))
    .slice(0, replicas - kept.length)
  return all.filter((instance) => !kept.includes(instance) && !waiting.includes(instance))
}
