import type { DesiredRelease, Desired, Observed, Shares, Traffic } from './observed.ts'
import { type PlannedService, planService } from './changes.ts'
import type { Step } from './step.ts'

/**
 * The steps that turn what is there into what is wanted. Pure: same inputs, same plan; nothing to do, no steps.
 *
 * Configuration comes first (check, back up, pin, verify), then new instances beside the old ones, then the traffic,
 * share by share. Marking the release live is the point of no return: before it a failure goes back to the last good
 * release, after it the rest is finished. Only then is anything old drained and stopped.
 *
 * What holds after every step of every plan, and after a crash and a new plan at any point: a service that had a
 * healthy instance with traffic still has one. Several services are one unit: all are marked live by one step.
 */
export function plan(observed: Observed, desired: Desired): Step[] {
  if (desired.release === undefined) return planStop(observed)
  const release = desired.release
  const services = release.services.map((service) => planService(observed, release, service, desired.direction))
  const draft: Draft = { observed, release, direction: desired.direction, services }

  const fresh = services.some((service) => service.missing > 0 || service.booting > 0 || service.deliveredFrom.length > 0)
  const takeOver = takeOverSteps(draft)
  const configuration = configurationSteps(draft, fresh)
  // On a way back with everything still running, the traffic goes first: those instances hold their configuration already.
  const ordered =
    desired.direction === 'back' && !fresh ? [...takeOver, ...configuration] : [...configuration, ...startSteps(draft), ...takeOver]
  return [...ordered, ...markSteps(observed, release.id), ...removalSteps(draft)]
}

interface Draft {
  readonly observed: Observed
  readonly release: DesiredRelease
  readonly direction: Desired['direction']
  readonly services: readonly PlannedService[]
}

/** Check and back-up belong to the way forward: a way back goes to what was checked before, and replaces nothing good. */
function configurationSteps({ observed, release, direction }: Draft, fresh: boolean): Step[] {
  const verify: Step = { kind: 'verify-configuration', release: release.id }
  if (observed.pinned === release.id) return fresh ? [verify] : []
  const pin: Step = { kind: 'pin-configuration', release: release.id, ...previously(observed.pinned) }
  if (direction === 'back') return fresh ? [pin, verify] : [pin]
  const backUp: Step[] = observed.live === undefined ? [] : [{ kind: 'back-up-configuration', release: release.id }]
  return [{ kind: 'check-configuration', release: release.id }, ...backUp, pin, verify]
}

function startSteps({ release, services }: Draft): Step[] {
  const starting = services.filter((service) => service.missing > 0)
  const artifacts = [...new Set(starting.map(({ service }) => service.artifact))]
  return [
    ...artifacts.map((artifact): Step => ({
      kind: 'place-artifact',
      release: release.id,
      artifact,
      services: starting.filter(({ service }) => service.artifact === artifact).map(({ service }) => service.name),
    })),
    ...starting.map(({ service, missing }): Step => ({
      kind: 'start-instances',
      release: release.id,
      service: service.name,
      count: missing,
    })),
    ...services
      .filter((service) => service.missing > 0 || service.booting > 0)
      .map(({ service, own }): Step => ({
        kind: 'await-healthy',
        release: release.id,
        service: service.name,
        replicas: own,
      })),
  ]
}

/** From the first request a new instance gets to the last look before the release is marked live. */
function takeOverSteps(draft: Draft): Step[] {
  const { services, release, direction } = draft
  const switched = services.filter((service) => service.change === 'switched')
  const inPlace = services.filter((service) => service.carriedFrom.length > 0 || service.deliveredFrom.length > 0)
  const watched = direction === 'forward' ? watchedServices(draft) : []
  // What is delivered becomes this release's with the last share; until then there is nothing of it to look at.
  const alreadyThere = watched.filter(
    (name) => !services.some(({ service, deliveredFrom }) => service.name === name && deliveredFrom.length > 0),
  )

  const steps: Step[] = []
  const current = new Map(services.map(({ service, shares }) => [service.name, shares]))
  for (const { service } of switched) current.set(service.name, draft.observed.traffic[service.name] ?? {})
  for (const share of sharesToTake(draft, switched)) {
    const last = share === 100
    if (last) steps.push(...inPlace.flatMap((service) => inPlaceSteps(service, release.id)))
    const shift = shiftTo(share, last ? services : switched, current, release.id)
    if (shift) steps.push(shift)
    const looked = last ? watched : alreadyThere
    if (looked.length > 0) steps.push(watchAt(share, looked, release))
  }
  return steps
}

/**
 * What is looked at under traffic: whatever changes while something older could take over again. A service that got
 * there before a crash, its predecessor still running and the release not yet live, is looked at once more.
 */
function watchedServices({ observed, release, services }: Draft): readonly string[] {
  const unsettled = observed.live !== release.id
  return services
    .filter(({ change, serving, surplus, deliveredFrom }) => {
      if (deliveredFrom.length > 0) return true
      return change === 'switched' ? serving !== undefined : change === 'same' && unsettled && surplus > 0
    })
    .map(({ service }) => service.name)
}

/**
 * The shares still to be gone through. A way back, a first release and a release whose predecessor has no healthy
 * instance take everything at once: there is nobody to be careful for.
 */
function sharesToTake({ observed, release, direction }: Draft, switched: readonly PlannedService[]): readonly number[] {
  const replacing = switched.filter((service) => service.serving !== undefined)
  if (direction === 'back' || replacing.length === 0) return [100]
  const reached = Math.min(...replacing.map(({ service }) => observed.traffic[service.name]?.[release.id] ?? 0))
  return [...release.strategy.steps.filter((share) => share >= reached && share < 100), 100]
}

function inPlaceSteps(planned: PlannedService, release: string): Step[] {
  const service = planned.service.name
  return [
    ...(planned.carriedFrom.length > 0 ? [{ kind: 'carry-over', release, service, from: planned.carriedFrom } as const] : []),
    ...(planned.deliveredFrom.length > 0
      ? [{ kind: 'deliver-configuration', release, service, from: planned.deliveredFrom } as const]
      : []),
  ]
}

/** Gives the release at least `share` of each service; `current` follows, so that every shift knows what it undoes. */
function shiftTo(share: number, services: readonly PlannedService[], current: Map<string, Shares>, release: string): Step | undefined {
  const to: Record<string, Shares> = {}
  const from: Record<string, Shares> = {}
  for (const { service, serving } of services) {
    const before = current.get(service.name) ?? {}
    const next = sharesWith(release, serving, Math.max(share, before[release] ?? 0))
    if (sameShares(before, next)) continue
    from[service.name] = before
    to[service.name] = next
    current.set(service.name, next)
  }
  return Object.keys(to).length === 0 ? undefined : { kind: 'shift-traffic', to, from }
}

function sharesWith(release: string, serving: string | undefined, share: number): Shares {
  return serving === undefined || share === 100 ? { [release]: 100 } : { [release]: share, [serving]: 100 - share }
}

function sameShares(one: Shares, other: Shares): boolean {
  const releases = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...releases].every((release) => (one[release] ?? 0) === (other[release] ?? 0))
}

/** The last look is at least a whole window long, so that the verdict it gives rests on one. */
function watchAt(share: number, services: readonly string[], release: DesiredRelease): Step {
  const { strategy, thresholds } = release
  const step = strategy.steps.length > 1 ? strategy.stepDurationMs : 0
  const durationMs = share === 100 ? Math.max(step, thresholds?.windowMs ?? 0) : step
  return { kind: 'watch', release: release.id, services, share, durationMs, ...(thresholds ? { thresholds } : {}) }
}

function markSteps(observed: Observed, release: string | undefined): Step[] {
  if (observed.live === release) return []
  return [{ kind: 'mark-live', ...(release === undefined ? {} : { release }), ...previously(observed.live) }]
}

function removalSteps({ observed, release, services }: Draft): Step[] {
  const shrinking = services
    .filter((service) => service.surplus > 0)
    .map(({ service }) => ({ service: service.name, keep: release.id, replicas: service.replicas }))
  const gone = servicesOf(observed)
    .filter((name) => !release.services.some((service) => service.name === name))
    .map((service) => ({ service, replicas: 0 }))
  return [...shrinking, ...gone].flatMap((surplus): Step[] => [
    { kind: 'drain-instances', surplus },
    { kind: 'stop-instances', surplus },
  ])
}

/** Nothing is to run: marked first, so that nobody starts again what is being stopped. */
function planStop(observed: Observed): Step[] {
  const removal = servicesOf(observed).flatMap((service): Step[] => [
    { kind: 'drain-instances', surplus: { service, replicas: 0 } },
    { kind: 'stop-instances', surplus: { service, replicas: 0 } },
  ])
  const unpin: Step[] = observed.pinned === undefined ? [] : [{ kind: 'pin-configuration', previous: observed.pinned }]
  return [...markSteps(observed, undefined), ...removal, ...unpin]
}

/** Every service with an instance or a route. */
function servicesOf(observed: Observed): readonly string[] {
  const routed = Object.entries(observed.traffic satisfies Traffic).filter(([, shares]) => Object.keys(shares).length > 0)
  return [...new Set([...observed.instances.map((instance) => instance.service), ...routed.map(([service]) => service)])].toSorted()
}

function previously(release: string | undefined): { previous?: string } {
  return release === undefined ? {} : { previous: release }
}
