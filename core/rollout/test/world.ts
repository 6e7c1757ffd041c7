/**
 * A small world that a plan can be played in: what each step does to what is observed, and what may go wrong of itself
 * in between. It is the executor's contract without processes and sockets.
 */
import type { DesiredRelease, Observed, ObservedInstance, Shares, Step, Surplus, Traffic } from '../src/index.ts'
import { renamed } from '../src/index.ts'

export interface World extends Observed {
  readonly started: number
}

export const emptyWorld: World = { instances: [], traffic: {}, started: 0 }

/** The world after a step, or undefined where the executor would refuse or fail it. */
export function play(world: World, step: Step, releases: ReadonlyMap<string, DesiredRelease>): World | undefined {
  switch (step.kind) {
    case 'pin-configuration':
      return step.release === undefined ? without(world, 'pinned') : { ...world, pinned: step.release }
    case 'mark-live':
      return step.release === undefined ? without(world, 'live') : { ...world, live: step.release }
    case 'start-instances':
      return start(world, step.release, step.service, step.count, releases)
    case 'await-healthy':
      return awaitHealthy(world, step.release, step.service)
    case 'carry-over':
    case 'deliver-configuration':
      return takeOver(world, step, releases)
    case 'shift-traffic':
      return shift(world, step.to)
    case 'stop-instances':
      return stop(world, step.surplus)
    case 'drain-instances':
      return drain(world, step.surplus)
    case 'watch':
      return step.services.every((service) => hasHealthy(world, service, step.release)) ? world : undefined
    default:
      return world
  }
}

function without(world: World, field: 'pinned' | 'live'): World {
  const { [field]: _, ...rest } = world
  return rest
}

function serviceOf(releases: ReadonlyMap<string, DesiredRelease>, release: string, name: string) {
  const found = releases.get(release)
  const service = found?.services.find((one) => one.name === name)
  if (!found || !service) throw new Error(`no ${name} in ${release}`)
  return { service, configuration: found.configuration }
}

function start(world: World, release: string, name: string, count: number, releases: ReadonlyMap<string, DesiredRelease>): World {
  const { service, configuration } = serviceOf(releases, release, name)
  const fresh = Array.from({ length: count }, (_, index): ObservedInstance => ({
    id: `i${world.started + index}`,
    service: name,
    release,
    code: service.code,
    configuration,
    state: 'starting',
    follows: true,
  }))
  return { ...world, instances: [...world.instances, ...fresh], started: world.started + count }
}

function awaitHealthy(world: World, release: string, service: string): World {
  return {
    ...world,
    instances: world.instances.map((one) =>
      one.release === release && one.service === service && one.state === 'starting' ? { ...one, state: 'healthy' } : one,
    ),
  }
}

function takeOver(
  world: World,
  step: Extract<Step, { kind: 'carry-over' | 'deliver-configuration' }>,
  releases: ReadonlyMap<string, DesiredRelease>,
): World {
  const { service, configuration } = serviceOf(releases, step.release, step.service)
  const instances = world.instances.map((one) => {
    const fits = one.service === step.service && step.from.includes(one.release) && one.code === service.code && one.state === 'healthy'
    return fits ? { ...one, release: step.release, configuration } : one
  })
  const shares = renamed(world.traffic[step.service] ?? {}, step.from, step.release)
  return { ...world, instances, traffic: { ...world.traffic, [step.service]: shares } }
}

function shift(world: World, to: Traffic): World | undefined {
  for (const [service, shares] of Object.entries(to)) {
    for (const [release, percent] of Object.entries(shares)) {
      if (percent > 0 && !hasHealthy(world, service, release)) return undefined
    }
  }
  return { ...world, traffic: { ...world.traffic, ...to } }
}

function hasHealthy(world: World, service: string, release: string): boolean {
  return world.instances.some((one) => one.service === service && one.release === release && one.state === 'healthy')
}

function surplusOf(world: World, surplus: Surplus): readonly ObservedInstance[] {
  const all = world.instances.filter((one) => one.service === surplus.service)
  const kept = all
    .filter((one) => one.release === surplus.keep && one.state !== 'unhealthy')
    .toSorted((one, other) => Number(other.state === 'healthy') - Number(one.state === 'healthy'))
    .slice(0, surplus.replicas)
  return all.filter((one) => !kept.includes(one))
}

function drain(world: World, surplus: Surplus): World {
  if (surplus.keep !== undefined) return world
  const { [surplus.service]: _, ...traffic } = world.traffic
  return { ...world, traffic }
}

function stop(world: World, surplus: Surplus): World {
  const leaving = surplusOf(world, surplus)
  return { ...world, instances: world.instances.filter((one) => !leaving.includes(one)) }
}

/** Services with a healthy instance that gets traffic. */
export function servedBy(world: Observed): Set<string> {
  const served = world.instances.filter((one) => one.state === 'healthy' && shareOf(world.traffic[one.service], one.release) > 0)
  return new Set(served.map((one) => one.service))
}

function shareOf(shares: Shares | undefined, release: string): number {
  return shares?.[release] ?? 0
}

/** Whether code and configuration of everything that runs or gets traffic are those of one release, and nothing else is there. */
export function isExactly(world: Observed, release: DesiredRelease | undefined): string | undefined {
  if (world.live !== release?.id) return `live is ${world.live}`
  if (world.pinned !== release?.id) return `pinned is ${world.pinned}`
  for (const service of release?.services ?? []) {
    const mine = world.instances.filter((one) => one.service === service.name)
    if (mine.length !== service.replicas) return `${mine.length} of ${service.name}`
    const wrong = mine.find(
      (one) =>
        one.release !== release?.id || one.code !== service.code || one.configuration !== release.configuration || one.state !== 'healthy',
    )
    if (wrong) return `${wrong.id} is not as wanted`
    if (shareOf(world.traffic[service.name], release?.id ?? '') !== 100) return `traffic of ${service.name}`
  }
  const names = new Set(release?.services.map((service) => service.name))
  const stray = world.instances.find((one) => !names.has(one.service))
  return stray ? `${stray.service} is still there` : undefined
}
