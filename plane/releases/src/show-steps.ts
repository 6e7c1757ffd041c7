import type { RunDirection } from '@headgate/model'
import { type Step, describeInverse, describeStep } from '@headgate/rollout'
import type { ShownStep } from './feed.ts'

/** Steps as people read them, numbered from `first`. */
export function showSteps(steps: readonly Step[], direction: RunDirection, first = 0): ShownStep[] {
  return steps.map((step, index) => ({
    key: stepKey(direction, first + index),
    text: describeStep(step),
    inverse: describeInverse(step),
  }))
}

/** How a step is called in its deployment. */
export function stepKey(direction: RunDirection, position: number): string {
  return `${direction}-${position + 1}`
}
