import type { Answer } from '@headgate/contract'
import type { RotationRow } from '@headgate/store'

export type RotationAnswer = Answer<'listRotations'>['rotations'][number]

/** A rotation as every route shows it. */
export function rotationAnswer(row: RotationRow, author: string): RotationAnswer {
  const outcome = JSON.parse(row.outcome) as RotationAnswer['outcome']
  return {
    rotation: row.id,
    started: row.started_at,
    ...(row.status === 'under-way' ? {} : { ended: row.ended_at }),
    author,
    status: row.status,
    before: row.before,
    ...(row.after === null ? {} : { after: row.after }),
    ...(row.schedule === null ? {} : { schedule: row.schedule }),
    // The draft of a rotation has its id.
    ...(outcome.some(({ status }) => status === 'kept') ? { draft: row.id } : {}),
    outcome,
  }
}
