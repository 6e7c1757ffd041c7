import { type Result, Secret, ok } from '@headgate/model'
import type { Body } from '@headgate/contract'
import type { RotationStep, RotationTarget } from '@headgate/vault'
import type { Outcome, UseCase } from '../plane.ts'

type What = Body<'rotateKeys'>['what']
type Begun = { rotation: number; what: What }

/** Begins a rotation. The Change carries all that a start after a crash needs to go on; the work follows its commit. */
export const rotateKeys: UseCase<'rotateKeys'> = async (plane, caller, { body }) =>
  begun(await plane.keys.planStart({ what: body.what, target: targetOf(body.to), by: caller.name }))

export const undoKeys: UseCase<'undoKeys'> = async (plane) => begun(await plane.keys.planUndo())

export const finishKeys: UseCase<'finishKeys'> = async (plane) => begun(await plane.keys.planFinish())

function targetOf(to: Body<'rotateKeys'>['to']): RotationTarget {
  if (to === undefined) return { to: 'same' }
  if (to.source === 'passphrase') return { to: 'passphrase', passphrase: new Secret(to.passphrase) }
  return to.source === 'environment' ? { to: 'environment', key: new Secret(to.key) } : { to: to.source }
}

function begun(step: Result<RotationStep>): Result<Outcome<Begun>> {
  if (!step.ok) return step
  const { number, expect, writes, details } = step.value
  return ok({ answer: { rotation: number, what: details['what'] as What }, expect, writes, details })
}
