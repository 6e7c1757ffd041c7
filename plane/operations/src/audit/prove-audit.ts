import { ok } from '@headgate/model'
import { identifyLog, proveGrowth as growthOf, proveRecord as recordIn } from '@headgate/vault'
import type { UseCase } from '../plane.ts'

/** What it takes to check anything of the log elsewhere. */
export const getCheckpoint: UseCase<'getCheckpoint'> = async (plane) => {
  const { verifierKey, checkpoint } = identifyLog(plane.vault)
  return ok({ answer: { verifierKey, ...(checkpoint === undefined ? {} : { checkpoint }) } })
}

/** A record, and that it is in the log. */
export const proveRecord: UseCase<'proveRecord'> = async (plane, _caller, { params }) => {
  const proof = await recordIn(plane.vault, plane.store, params.change)
  if (!proof.ok) return proof
  const { kind, record, hashes, checkpoint } = proof.value
  return ok({ answer: { kind, record, hashes: [...hashes], checkpoint }, details: { record: params.change } })
}

/** That nothing in front of a kept checkpoint was changed since. */
export const proveGrowth: UseCase<'proveGrowth'> = async (plane, _caller, { body }) => {
  const proof = await growthOf(plane.vault, body.checkpoint)
  if (!proof.ok) return proof
  const { kind, older, hashes, checkpoint } = proof.value
  return ok({ answer: { kind, older, hashes: [...hashes], checkpoint } })
}
