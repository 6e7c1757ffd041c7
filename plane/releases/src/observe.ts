import type { Observed, ObservedInstance } from '@headgate/rollout'
import { type KeptInstance, isHealthy } from './instances.ts'
import type { TargetKeeper } from './target-keeper.ts'

/**
 * What is there now: each process looked for, each instance asked once more, the router's table in force. Nothing of it
 * is taken from the journal but whose an instance is and what is marked live.
 */
export async function observeTarget(keeper: TargetKeeper, signal: AbortSignal): Promise<Observed> {
  const [instances, traffic] = await Promise.all([observeInstances(keeper, signal), keeper.traffic.observe(signal)])
  const { live, pinned } = keeper.row
  return {
    ...(live === null ? {} : { live }),
    ...(pinned === null ? {} : { pinned }),
    instances,
    traffic: Object.fromEntries(Object.entries(traffic).filter(([, shares]) => Object.keys(shares).length > 0)),
  }
}

export function observeInstances(keeper: TargetKeeper, signal: AbortSignal): Promise<ObservedInstance[]> {
  return Promise.all(keeper.instances.list().map((kept) => observeInstance(keeper, kept, signal)))
}

async function observeInstance(keeper: TargetKeeper, kept: KeptInstance, signal: AbortSignal): Promise<ObservedInstance> {
  const { id, service, release, code, configuration } = kept.row
  const instance = { id, target: keeper.target, service, release }
  const follows = (await keeper.surroundings.configuration.delivered({ instance })) !== undefined
  return { id, service, release, code, configuration, follows, state: await stateOf(keeper, kept, signal) }
}

/** How long after a bad look the second one is taken, in milliseconds: one alone makes no instance unhealthy. */
const SECOND_LOOK_MS = 100

async function stateOf(keeper: TargetKeeper, kept: KeptInstance, signal: AbortSignal): Promise<ObservedInstance['state']> {
  if (kept.gone !== undefined || kept.row.state === 'draining') return 'unhealthy'
  const { driver, prober, clock } = keeper.surroundings
  if ((await driver.find(kept.row)).state !== 'running') return 'unhealthy'
  if (kept.watch?.health === 'starting') return 'starting'
  if (!isHealthy(kept)) return 'unhealthy'
  const { port } = kept.row
  const { health } = kept.plan.service
  if ((await prober(port, health, signal)).healthy) return 'healthy'
  await clock.sleep(SECOND_LOOK_MS, signal)
  return (await prober(port, health, signal)).healthy ? 'healthy' : 'unhealthy'
}
