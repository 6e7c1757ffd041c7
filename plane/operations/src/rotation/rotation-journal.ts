import { randomUUID } from 'node:crypto'
import { type ExportedValue, type RotatorCall, applyPatches, sealSecrets } from '@headgate/lang'
import { type AuditRecord, HeadgateError, type Result, type Write, idOf, ok } from '@headgate/model'
import { environmentResource, renderResource } from '@headgate/model/access'
import { type DraftRow, type RotationRow, insert, update } from '@headgate/store'
import { sealDraftText } from '../drafts/find-draft.ts'
import { type FoundRevision, nameOf } from '../environments/find-revision.ts'
import { fileName } from '../environments/import-closure.ts'
import type { Caller, Plane } from '../plane.ts'
import type { RotationAnswer } from './rotation-record.ts'

export type PathOutcome = RotationAnswer['outcome'][number]

/** How often a write is tried again when something else was written first. */
const TRIES = 5

/**
 * What a rotation writes down before and while it replaces secrets outside: which it is about to replace, then each new
 * state, sealed, the moment it is known. It is a draft with the rotation's id, so that whatever happens afterwards (a
 * save in between, a plane that is killed) the states are found there and brought into a revision by `settleRotation`.
 */
export interface RotationJournal {
  readonly id: string
  /** Whether a state is in memory alone, because writing it failed. */
  readonly unsaved: boolean
  /** Writes down the new state of a rotator; never throws. */
  keep(path: string, state: ExportedValue): Promise<void>
  /** Writes down what `keep` could not. @throws STORE_UNAVAILABLE, STORE_FULL */
  save(): Promise<void>
}

export interface RotationToBegin {
  readonly found: FoundRevision
  readonly text: string
  readonly calls: readonly RotatorCall[]
  readonly schedule: RotationRow['schedule']
  /** Written in the same Change. */
  readonly alongside: readonly Write[]
}

/** Begins a journal: after this, and not before, may anything be replaced outside. */
export async function beginRotation(plane: Plane, caller: Caller, begin: RotationToBegin): Promise<Result<RotationJournal>> {
  const row = rotationRow(plane, caller, begin)
  const journal = new DraftedRotation(plane, caller, begin, row)
  const begun = await journal.begin(begin.alongside)
  return begun.ok ? ok(journal) : begun
}

/** The row of a rotation that is about to begin. */
export function rotationRow(
  plane: Plane,
  caller: Caller,
  { found, calls, schedule }: Pick<RotationToBegin, 'found' | 'calls' | 'schedule'>,
): RotationRow {
  const time = plane.now()
  return {
    id: randomUUID(),
    environment: found.environment.id,
    schedule,
    author: caller.principal,
    started_at: time,
    ended_at: time,
    status: 'under-way',
    before: found.revision.number,
    after: null,
    outcome: JSON.stringify(calls.map(({ path }): PathOutcome => ({ path, status: 'under-way' }))),
  }
}

class DraftedRotation implements RotationJournal {
  readonly #plane: Plane
  readonly #caller: Caller
  readonly #begin: RotationToBegin
  #row: RotationRow
  /** The text the rotation began with, with every state that is known; and the records of the secrets in it so far. */
  #text: string
  #records: Write[] = []
  #turn: Promise<void> = Promise.resolve()
  #version = 1
  unsaved = false

  constructor(plane: Plane, caller: Caller, begin: RotationToBegin, row: RotationRow) {
    this.#plane = plane
    this.#caller = caller
    this.#begin = begin
    this.#row = row
    this.#text = begin.text
  }

  get id(): string {
    return this.#row.id
  }

  begin(alongside: readonly Write[]): Promise<Result<unknown>> {
    const paths = this.#begin.calls.map(({ path }) => path)
    const writes = [insert('rotations', this.#row), insert('drafts', this.#draft()), ...alongside]
    return this.#plane.changes.commit({ expect: [], writes, audit: this.#audit('environment.rotate.begin', { paths }) })
  }

  // One after another: every state goes into the same text.
  keep(path: string, state: ExportedValue): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      await this.#add(path, state)
      await this.save().catch(() => undefined)
    })
    return this.#turn
  }

  async save(): Promise<void> {
    if (!this.unsaved) return
    for (let attempt = 1; this.unsaved; attempt++) {
      const committed = await this.#write()
      if (committed.ok) {
        this.unsaved = false
        this.#records = []
      } else if (attempt === TRIES) throw new HeadgateError(committed.problem.code, committed.problem.details)
    }
  }

  async #add(path: string, state: ExportedValue): Promise<void> {
    const { environment } = this.#begin.found
    const call = this.#begin.calls.find((each) => each.path === path)
    const patched = call && applyPatches(this.#text, [{ path: call.statePath, value: state }])
    // `canBeWritten` has tried it before anything was replaced.
    if (!patched?.ok) throw new Error('a bug: the state of a rotator cannot be written')
    const place = { organisation: environment.organisation, environment: environment.id }
    const sealed = await sealSecrets(fileName(environment), patched.value, async (secret) => {
      const { handle, record } = this.#plane.vault.sealSecret(place, secret, this.#plane.now())
      this.#records.push(insert('records', record))
      return handle
    })
    if (sealed.text === undefined) throw new Error('a bug: the state of a rotator cannot be sealed')
    this.#text = sealed.text
    this.#version += 1
    const outcome = (JSON.parse(this.#row.outcome) as PathOutcome[]).map((each) =>
      each.path === path ? { path, status: 'succeeded' } : each,
    )
    this.#row = { ...this.#row, outcome: JSON.stringify(outcome) }
    this.unsaved = true
  }

  /** Where another node took this rotation for dead and ended it, it begins again with what came since. */
  async #write(): Promise<Result<unknown>> {
    const { store, changes } = this.#plane
    const [draft, row] = await Promise.all([store.drafts.get(idOf<'draft'>(this.id)), store.rotations.get(this.id)])
    const next = this.#draft()
    const writes = [
      ...this.#records,
      draft ? update('drafts', draft, next) : insert('drafts', next),
      row ? update('rotations', row, this.#row) : insert('rotations', this.#row),
    ]
    const audit = this.#audit('environment.rotate.keep', { sealed: this.#records.length })
    return changes.commit({ expect: [], writes, audit, whenFull: 'all' })
  }

  #draft(): Omit<DraftRow, 'change' | 'mac'> {
    const { environment, revision } = this.#begin.found
    const id = idOf<'draft'>(this.id)
    const time = this.#plane.now()
    const version = this.#version
    return {
      id,
      organisation: environment.organisation,
      environment: environment.id,
      kind: 'rotation',
      state: 'open',
      base: revision.number,
      version,
      description: 'a rotation that is under way',
      author: this.#caller.principal,
      created_at: this.#row.started_at,
      changed_at: time,
      sealed: sealDraftText(this.#plane, { id, version }, this.#text),
    }
  }

  #audit(action: string, details: AuditRecord['details']): AuditRecord {
    const { principal, name } = this.#caller
    return {
      time: this.#plane.now(),
      organisation: this.#plane.organisation.id,
      actor: principal,
      actorName: name,
      action,
      resource: renderResource(environmentResource(nameOf(this.#plane, this.#begin.found.environment))),
      outcome: 'ok',
      details: { rotation: this.id, ...details },
    }
  }
}
