import type { Deployment, Release, ReleaseTarget } from '@headgate/model'
import type { ObservedInstance, Traffic } from '@headgate/rollout'
import type { KeptInstance } from './instances.ts'
import { observeInstances } from './observe.ts'
import { deploymentOf } from './rows.ts'
import type { Surroundings } from './surroundings.ts'
import type { TargetKeeper } from './target-keeper.ts'

export interface InstanceStatus {
  readonly instance: string
  readonly release: string
  readonly state: ObservedInstance['state'] | 'draining' | 'ended'
  readonly pid?: number
  readonly port?: number
  readonly started: number
  readonly restarts: number
  readonly detail?: string
}

export interface ServiceStatus {
  readonly service: string
  readonly domain: string
  readonly traffic: readonly { readonly release: string; readonly share: number }[]
  readonly instances: readonly InstanceStatus[]
}

export interface TargetStatus {
  readonly target: ReleaseTarget
  readonly live?: Release
  /** The newest deployment, whether it is under way or not. */
  readonly deployment?: Deployment
  readonly services: readonly ServiceStatus[]
}

/** How long a status may take to find out, in milliseconds. */
const STATUS_MS = 3000

/** What is there now, freshly observed: each process looked for, each instance asked, the router's table read. */
export async function readStatus(keeper: TargetKeeper): Promise<TargetStatus> {
  const { surroundings, target } = keeper
  // First the deployment, last what is live: a deployment that is said to have ended is never shown beside what it replaced.
  const [newest] = await surroundings.store.deployments.list(surroundings.organisation.id, target, 1)
  const soon = AbortSignal.timeout(STATUS_MS)
  // Where the router cannot be asked nothing is known of the traffic, and nothing is claimed.
  const [instances, traffic] = await Promise.all([observeInstances(keeper, soon), keeper.traffic.observe(soon).catch((): Traffic => ({}))])
  const live = keeper.row.live === null ? undefined : await keeper.release(keeper.row.live)
  const states = new Map(instances.map(({ id, state }) => [id, state]))
  return {
    target,
    ...(live ? { live } : {}),
    ...(newest ? { deployment: deploymentOf(newest) } : {}),
    services: servicesOf(keeper, live, traffic).map((service) => ({
      service,
      domain: domainOf(keeper, live, service),
      traffic: Object.entries(traffic[service] ?? {}).map(([release, share]) => ({ release, share })),
      instances: keeper.instances.of(service).map((kept) => instanceStatus(kept, states.get(kept.row.id))),
    })),
  }
}

/** A target that nothing was ever deployed to, or that nothing of is kept here. */
export async function emptyStatus({ store, organisation }: Surroundings, target: ReleaseTarget): Promise<TargetStatus> {
  const [newest] = await store.deployments.list(organisation.id, target, 1)
  return { target, ...(newest ? { deployment: deploymentOf(newest) } : {}), services: [] }
}

function servicesOf(keeper: TargetKeeper, live: Release | undefined, traffic: Traffic): readonly string[] {
  const wanted = keeper.active?.wanted ?? live
  const running = keeper.instances.list().map(({ row }) => row.service)
  return [...new Set([...(wanted?.content.services ?? []).map(({ name }) => name), ...running, ...Object.keys(traffic)])]
}

function domainOf(keeper: TargetKeeper, live: Release | undefined, service: string): string {
  const releases = [live, keeper.active?.wanted, ...keeper.instances.of(service).map(({ plan }) => plan.release)]
  const found = releases.flatMap((release) => release?.content.services ?? []).find(({ name }) => name === service)
  return found?.domain ?? ''
}

function instanceStatus(kept: KeptInstance, observed: ObservedInstance['state'] | undefined): InstanceStatus {
  const { row, gone, process } = kept
  const state = gone !== undefined ? 'ended' : row.state === 'draining' ? 'draining' : (observed ?? 'unhealthy')
  const detail = gone ?? kept.watch?.reason ?? row.detail ?? undefined
  return {
    instance: row.id,
    release: row.release,
    state,
    port: row.port,
    started: row.started_at,
    restarts: row.attempt - 1,
    ...(process && gone === undefined ? { pid: process.pid } : {}),
    ...(detail === undefined ? {} : { detail }),
  }
}
