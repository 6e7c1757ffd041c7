import { type TreeCache, createTreeCache } from '@headgate/lang'
import type { PrincipalId, Result, Secret } from '@headgate/model'
import type { Store } from '@headgate/store'
import { authenticate } from '../access/authenticate.ts'
import type { Caller, Plane } from '../plane.ts'
import { keepCallers } from './kept-callers.ts'
import { type KeptImports, keepImports } from './kept-imports.ts'
import { type KeptOpenings, keepOpenings } from './kept-openings.ts'
import { keepNames } from './kept-names.ts'
import { type KeptRevisions, keepRevisions } from './kept-revisions.ts'
import { keepRows } from './kept-rows.ts'

/**
 * What the plane remembers from request to request, so that a secret is read in a tenth of a millisecond: who signed in,
 * which row a name is, texts and as what they were parsed, and opened values, these only sealed. Everything in it can be lost at
 * any time, and nothing of it is ever answered that a commit of this process has changed.
 */
export interface Kept {
  authenticate(token: Secret | undefined): Result<Caller> | Promise<Result<Caller>>
  readonly trees: TreeCache
  readonly openings: KeptOpenings
  readonly imports: KeptImports
  readonly revisions: KeptRevisions
  /** What a principal is called now. */
  nameOf(id: PrincipalId): Promise<string>
  close(): void
}

/** @returns the memory, and the plane whose reads of names go through it */
export function keepInMemory<P extends Plane>(plane: P): { readonly kept: Kept; readonly plane: P } {
  const rows = plane.database.shared ? undefined : keepRows(plane.store)
  const store: Store = rows?.store ?? plane.store
  const reading = { ...plane, store }
  const callers = keepCallers(store, plane.now, (token) => authenticate(reading, token))
  const names = keepNames(store, plane.database.shared)
  const kept = {
    authenticate: callers.authenticate,
    trees: createTreeCache(),
    openings: keepOpenings(),
    imports: keepImports(),
    revisions: keepRevisions(),
    nameOf: names.of,
    close(): void {
      callers.close()
      names.close()
      rows?.close()
    },
  }
  return { kept, plane: reading }
}
