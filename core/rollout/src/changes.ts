import type { Desired, DesiredRelease, DesiredService, Observed, ObservedInstance, Shares } from './observed.ts'

/**
 * How a service gets from what runs to what is wanted.
 *
 * `same`: it runs as wanted already. `carried`: same code and configuration under another release, so its instances
 * only change whose they are. `delivered`: same code, and the new configuration reaches it without a restart.
 * `switched`: new instances beside the old ones, then the traffic.
 */
export type ServiceChange = 'same' | 'carried' | 'delivered' | 'switched'

export interface PlannedService {
  readonly service: DesiredService
  readonly change: ServiceChange
  /** The releases whose instances are carried over, or delivered to. */
  readonly carriedFrom: readonly string[]
  readonly deliveredFrom: readonly string[]
  /** So many instances have to be started. */
  readonly missing: number
  /** So many instances are of the wanted release once the missing ones are started, those taken over left out. */
  readonly own: number
  /** Instances of the wanted release that are there and not healthy yet. */
  readonly booting: number
  /** So many instances are too many once everything else is done. */
  readonly surplus: number
  /** The traffic as it stands once instances were taken over. */
  readonly shares: Shares
  /** The release that serves now and is not the wanted one, if it has a healthy instance. */
  readonly serving: string | undefined
}

/** Compares what runs of a service with what is wanted of it. */
export function planService(
  observed: Observed,
  release: DesiredRelease,
  service: DesiredService,
  direction: Desired['direction'],
): PlannedService {
  const all = observed.instances.filter((instance) => instance.service === service.name)
  const shares = observed.traffic[service.name] ?? {}
  const usable = all.filter((instance) => instance.state !== 'unhealthy' && instance.code === service.code)
  const wanted = usable.filter((instance) => instance.release === release.id && instance.configuration === release.configuration)

  // Another release's instances are taken over only while they serve (one without traffic is on its way out), and
  // only where they are needed.
  const needed = wanted.length < service.replicas
  const serving = usable.filter((one) => one.release !== release.id && one.state === 'healthy' && (shares[one.release] ?? 0) > 0)
  const carried = needed ? serving.filter((instance) => instance.configuration === release.configuration) : []
  const reachable = needed && service.reload === 'auto'
  // Forward, one that never said what it holds is given the time to. On the way back it is not relied on: it is replaced.
  const delivered = reachable
    ? serving.filter((one) => one.configuration !== release.configuration && (direction === 'forward' || one.follows))
    : []

  const kept = wanted.length + carried.length + delivered.length
  const missing = Math.max(0, service.replicas - kept)
  const takenFrom = releasesOf([...carried, ...delivered])
  return {
    service,
    change: changeOf({ carried, delivered, missing, share: shares[release.id] ?? 0 }),
    carriedFrom: releasesOf(carried),
    deliveredFrom: releasesOf(delivered),
    missing,
    own: wanted.length + missing,
    booting: wanted.filter((instance) => instance.state === 'starting').length,
    surplus: all.length - kept + Math.max(0, kept - service.replicas),
    shares: renamed(shares, takenFrom, release.id),
    serving: servingRelease(observed, service.name, release.id),
  }
}

function changeOf(found: {
  carried: readonly ObservedInstance[]
  delivered: readonly ObservedInstance[]
  missing: number
  share: number
}): ServiceChange {
  if (found.delivered.length > 0) return 'delivered'
  if (found.carried.length > 0) return 'carried'
  return found.missing === 0 && found.share === 100 ? 'same' : 'switched'
}

function releasesOf(instances: readonly ObservedInstance[]): readonly string[] {
  return [...new Set(instances.map((instance) => instance.release))]
}

/** The shares once every instance of the releases `from` runs as `to`. */
export function renamed(shares: Shares, from: readonly string[], to: string): Shares {
  if (from.length === 0) return shares
  const rest = Object.entries(shares).filter(([release]) => release !== to && !from.includes(release))
  return Object.fromEntries([...rest, [to, [to, ...from].reduce((sum, release) => sum + (shares[release] ?? 0), 0)]])
}

/** The release other than `wanted` that gets the most traffic of a service and has a healthy instance to take it. */
function servingRelease(observed: Observed, service: string, wanted: string): string | undefined {
  const able = new Set(
    observed.instances.filter((one) => one.service === service && one.state === 'healthy').map((instance) => instance.release),
  )
  const shares = Object.entries(observed.traffic[service] ?? {}).filter(([id, percent]) => percent > 0 && id !== wanted && able.has(id))
  return shares.toSorted((one, other) => other[1] - one[1])[0]?.[0]
}
