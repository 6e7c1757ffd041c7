import { randomUUID } from 'node:crypto'
import { idOf } from '@headgate/model'
import type { DraftRow, EnvironmentRow } from '@headgate/store'
import type { Caller, Plane } from '../plane.ts'

/** A draft that begins, without what it holds: that is sealed for it. */
export function newDraft(
  plane: Plane,
  caller: Pick<Caller, 'principal'>,
  environment: EnvironmentRow,
  { kind, description = '' }: { readonly kind: 'text' | 'access'; readonly description?: string | undefined },
): Omit<DraftRow, 'change' | 'mac' | 'sealed'> {
  const time = plane.now()
  return {
    id: idOf<'draft'>(randomUUID()),
    organisation: environment.organisation,
    environment: environment.id,
    kind,
    state: 'open',
    base: environment.head_revision,
    version: 1,
    description,
    author: caller.principal,
    created_at: time,
    changed_at: time,
  }
}
