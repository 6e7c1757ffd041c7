import type { Thresholds } from '@headgate/model'
import type { Shares, Traffic } from './observed.ts'

/** Everything of these services that is not one of the `replicas` instances of `keep`; all of it where `keep` is absent. */
export interface Surplus {
  readonly service: string
  readonly keep?: string
  readonly replicas: number
}

/**
 * One act of a plan. It names what it does by release and service, never by process: which instances that means is
 * looked up when it is done, since an instance may have been replaced meanwhile.
 */
export type Step =
  | { readonly kind: 'check-configuration'; readonly release: string }
  | { readonly kind: 'back-up-configuration'; readonly release: string }
  | { readonly kind: 'pin-configuration'; readonly release?: string; readonly previous?: string }
  | { readonly kind: 'verify-configuration'; readonly release: string }
  | { readonly kind: 'place-artifact'; readonly release: string; readonly artifact: string; readonly services: readonly string[] }
  | { readonly kind: 'start-instances'; readonly release: string; readonly service: string; readonly count: number }
  | { readonly kind: 'await-healthy'; readonly release: string; readonly service: string; readonly replicas: number }
  | { readonly kind: 'carry-over'; readonly release: string; readonly service: string; readonly from: readonly string[] }
  | { readonly kind: 'deliver-configuration'; readonly release: string; readonly service: string; readonly from: readonly string[] }
  | { readonly kind: 'shift-traffic'; readonly to: Traffic; readonly from: Traffic }
  | {
      readonly kind: 'watch'
      readonly release: string
      readonly services: readonly string[]
      readonly share: number
      readonly durationMs: number
      readonly thresholds?: Thresholds
    }
  | { readonly kind: 'mark-live'; readonly release?: string; readonly previous?: string }
  | { readonly kind: 'drain-instances'; readonly surplus: Surplus }
  | { readonly kind: 'stop-instances'; readonly surplus: Surplus }

export type StepKind = Step['kind']

/**
 * The step that undoes this one, or undefined where it leaves nothing to undo.
 *
 * A failed run is not undone step by step: it is planned anew from what is there, towards the last good release. The
 * inverses are what a person is shown before a plan runs, and what the tests hold the way back against.
 */
export function inverseOf(step: Step): Step | undefined {
  switch (step.kind) {
    case 'pin-configuration':
      return moved('pin-configuration', step.previous, step.release)
    case 'mark-live':
      return moved('mark-live', step.previous, step.release)
    case 'start-instances':
      return { kind: 'stop-instances', surplus: { service: step.service, replicas: 0 } }
    case 'carry-over':
    case 'deliver-configuration':
      return step.from[0] === undefined
        ? undefined
        : { kind: step.kind, service: step.service, release: step.from[0], from: [step.release] }
    case 'shift-traffic':
      return { kind: 'shift-traffic', to: step.from, from: step.to }
    default:
      return undefined
  }
}

function moved(kind: 'pin-configuration' | 'mark-live', to: string | undefined, from: string | undefined): Step {
  return { kind, ...(to === undefined ? {} : { release: to }), ...(from === undefined ? {} : { previous: from }) }
}

/** How a release is called in a sentence; by default the first twelve digits of its id. */
export type ReleaseName = (release: string) => string

const shortName: ReleaseName = (release) => release.slice(0, 12)

/** A step in one line, without a full stop, for a plan or a progress display. */
export function describeStep(step: Step, nameOf: ReleaseName = shortName): string {
  switch (step.kind) {
    case 'check-configuration':
      return `check the configuration of ${nameOf(step.release)}`
    case 'back-up-configuration':
      return `back up the configuration that ${nameOf(step.release)} replaces`
    case 'pin-configuration':
      return step.release === undefined ? 'release the pinned configuration' : `pin the configuration of ${nameOf(step.release)}`
    case 'verify-configuration':
      return `verify that the configuration of ${nameOf(step.release)} opens as it was frozen`
    case 'place-artifact':
      return `place artifact ${shortName(step.artifact)} for ${step.services.join(', ')}`
    case 'start-instances':
      return `start ${instances(step.count)} of ${step.service} from ${nameOf(step.release)}`
    case 'await-healthy':
      return `wait until ${instances(step.replicas)} of ${step.service} from ${nameOf(step.release)} ${step.replicas === 1 ? 'is' : 'are'} healthy`
    case 'carry-over':
      return `let ${step.service} run on as part of ${nameOf(step.release)}: same code, same configuration`
    case 'deliver-configuration':
      return `deliver the configuration of ${nameOf(step.release)} to the running ${step.service}, without a restart`
    case 'shift-traffic':
      return `shift traffic: ${describeTraffic(step.to, nameOf)}`
    case 'watch':
      return describeWatch(step, nameOf)
    case 'mark-live':
      return step.release === undefined ? 'mark the target stopped' : `mark ${nameOf(step.release)} live`
    case 'drain-instances':
      return `drain ${describeSurplus(step.surplus, nameOf)}`
    case 'stop-instances':
      return `stop ${describeSurplus(step.surplus, nameOf)}`
  }
}

/** What undoes the step, in one line. */
export function describeInverse(step: Step, nameOf: ReleaseName = shortName): string {
  switch (step.kind) {
    case 'start-instances':
      return `stop the ${instances(step.count)} of ${step.service} from ${nameOf(step.release)}`
    case 'drain-instances':
      return `give ${describeSurplus(step.surplus, nameOf)} its traffic again`
    case 'stop-instances':
      return `start ${describeSurplus(step.surplus, nameOf)} again, from its kept artifact`
    default: {
      const inverse = inverseOf(step)
      return inverse === undefined ? 'nothing to undo' : describeStep(inverse, nameOf)
    }
  }
}

function describeWatch(step: Extract<Step, { kind: 'watch' }>, nameOf: ReleaseName): string {
  const limits = [
    step.thresholds?.errorRate === undefined ? undefined : `error rate at most ${round(step.thresholds.errorRate * 100)} %`,
    step.thresholds?.latencyP95Ms === undefined ? undefined : `p95 at most ${step.thresholds.latencyP95Ms} ms`,
  ].filter((limit) => limit !== undefined)
  const length = step.durationMs === 0 ? '' : ` for ${round(step.durationMs / 1000)} s`
  return `watch ${nameOf(step.release)} at ${step.share} %${length}: ${['every instance healthy', ...limits].join(', ')}`
}

function describeTraffic(traffic: Traffic, nameOf: ReleaseName): string {
  const services = Object.entries(traffic).map(([service, shares]) => `${service} ${describeShares(shares, nameOf)}`)
  return services.length === 0 ? 'none' : services.join('; ')
}

function describeShares(shares: Shares, nameOf: ReleaseName): string {
  const parts = Object.entries(shares).filter(([, percent]) => percent > 0)
  return parts.length === 0 ? 'to nothing' : parts.map(([release, percent]) => `${percent} % to ${nameOf(release)}`).join(', ')
}

function describeSurplus(surplus: Surplus, nameOf: ReleaseName): string {
  if (surplus.keep === undefined) return `every instance of ${surplus.service}`
  return `every instance of ${surplus.service} but the ${surplus.replicas === 1 ? 'one' : surplus.replicas} of ${nameOf(surplus.keep)}`
}

function instances(count: number): string {
  return count === 1 ? '1 instance' : `${count} instances`
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100)
}
