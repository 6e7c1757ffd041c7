import { ok } from '@headgate/model'
import { authorNames } from '../environments/author-names.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import type { UseCase } from '../plane.ts'
import { rotateText } from './rotate-text.ts'
import { rotationAnswer } from './rotation-record.ts'

const SHOWN = 100

/** Makes new secrets where the newest revision names rotators, and saves them as the next one. */
export const rotateEnvironment: UseCase<'rotateEnvironment'> = async (plane, caller, { params, body }) =>
  rotateText(plane, caller, params, { paths: body.paths ?? [] })

/** When secrets of an environment were rotated, newest first. */
export const listRotations: UseCase<'listRotations'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const [rows, nameOf] = await Promise.all([plane.store.rotations.list(environment.value.id, SHOWN), authorNames(plane)])
  return ok({ answer: { rotations: rows.map((row) => rotationAnswer(row, nameOf(row.author))) } })
}
