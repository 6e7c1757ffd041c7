/** How each kind of step is done. A new kind is a handler and a line here; the type says which are missing. */
import type { StepKind } from '@headgate/rollout'
import {
  backUpConfiguration,
  carryOver,
  checkConfiguration,
  deliverConfiguration,
  pinConfiguration,
  verifyConfiguration,
} from './configuration-steps.ts'
import { awaitHealthy, drainInstances, placeArtifact, startInstances, stopInstances } from './instance-steps.ts'
import type { StepHandler } from './step-context.ts'
import { markLive, shiftTraffic, watch } from './traffic-steps.ts'

export const stepHandlers: { readonly [K in StepKind]: StepHandler<K> } = {
  'check-configuration': checkConfiguration,
  'back-up-configuration': backUpConfiguration,
  'pin-configuration': pinConfiguration,
  'verify-configuration': verifyConfiguration,
  'place-artifact': placeArtifact,
  'start-instances': startInstances,
  'await-healthy': awaitHealthy,
  'carry-over': carryOver,
  'deliver-configuration': deliverConfiguration,
  'shift-traffic': shiftTraffic,
  watch,
  'mark-live': markLive,
  'drain-instances': drainInstances,
  'stop-instances': stopInstances,
}
