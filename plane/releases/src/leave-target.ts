import type { RouterDrainOrder } from '@headgate/contract'
import type { ReleaseTarget, ServiceTarget } from '@headgate/model'
import type { InstanceRow, LeaseRow } from '@headgate/store'
import type { Command } from './process/fence.ts'
import type { Attempt } from './process/process-driver.ts'
import { routerCode } from './router.ts'
import { releaseOf, targetName } from './rows.ts'
import type { Surroundings } from './surroundings.ts'
import { servicesPrefix, upstreamId } from './traffic.ts'

/**
 * Ends what this machine still routes and runs of a target whose lease another node has by now: it runs there, and what
 * is left here would serve what was live long ago. Commands carry the other's epoch, so nothing is ended here that this
 * node began after taking the target back.
 *
 * @throws RUN_FENCED when it was taken back meanwhile
 */
export async function leaveTarget(surroundings: Surroundings, target: ReleaseTarget, { name, epoch, owner }: LeaseRow): Promise<void> {
  const command = { scope: name, epoch }
  const left = await runningOf(surroundings, target)
  const unrouted = await takeRoutesAway(surroundings, target, command)
  await Promise.all(
    left.map(async ({ attempt, row }) => {
      const drain = await drainOf(surroundings, row)
      await emptied(surroundings, { ...command, upstream: upstreamId(attempt), ...drain })
      await surroundings.driver.stop(attempt, drain.requestsMs, command)
    }),
  )
  if (!unrouted && left.length === 0) return
  const instances = left.map(({ attempt }) => attempt.id).join(' ')
  surroundings.log({ event: 'left to another node', target: targetName(target), to: owner, instances })
}

async function runningOf({ driver, store }: Surroundings, target: ReleaseTarget) {
  const running = await driver.running()
  const known = await Promise.all(running.map(async (attempt) => ({ attempt, row: await store.instances.get(attempt.id) })))
  return known.filter(
    (one): one is { attempt: Attempt; row: InstanceRow } =>
      one.row?.project === target.project && one.row.environment === target.environment,
  )
}

async function drainOf({ store }: Surroundings, { release, service }: InstanceRow): Promise<ServiceTarget['drain']> {
  const row = await store.releases.get(release)
  const found = row && releaseOf(row).content.services.find(({ name }) => name === service)
  return found?.drain ?? { requestsMs: 0, connectionsMs: 0 }
}

/** Lets requests end that are under way. A router that is gone, or knows nothing of it, holds none. */
async function emptied({ router }: Surroundings, order: RouterDrainOrder): Promise<void> {
  try {
    await router.drain(order)
  } catch (error) {
    const code = routerCode(error)
    if (code === undefined || code === 'fenced') throw error
  }
}

/** @returns whether there were any */
async function takeRoutesAway({ router, organisation }: Surroundings, target: ReleaseTarget, command: Command): Promise<boolean> {
  const prefix = servicesPrefix(organisation.name, target)
  for (;;) {
    const { revision, table } = await router.status()
    const services = table.services.filter(({ id }) => !id.startsWith(prefix))
    if (services.length === table.services.length) return false
    try {
      await router.putTable({ ...command, table: { services }, expectedRevision: revision })
      return true
    } catch (error) {
      if (routerCode(error) !== 'stale-revision') throw error
    }
  }
}
