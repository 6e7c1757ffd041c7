import type { Release } from '@headgate/model'
import type { Step } from '@headgate/rollout'
import { DELIVERY_MS } from './steps/configuration-steps.ts'

/** When a step that begins now has failed, if it has to be done by a certain time. */
export function deadlineOf(step: Step, now: number, wanted: Release | undefined): number | null {
  switch (step.kind) {
    case 'await-healthy': {
      const service = wanted?.content.services.find(({ name }) => name === step.service)
      return now + (service?.health.deadlineMs ?? 0)
    }
    case 'deliver-configuration':
      return now + DELIVERY_MS
    default:
      return null
  }
}
