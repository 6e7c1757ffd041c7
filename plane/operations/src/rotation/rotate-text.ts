import { randomUUID } from 'node:crypto'
import { type Rotated, applyPatches, check, load, rotate } from '@headgate/lang'
import {
  type Diagnostic,
  type EnvironmentName,
  HeadgateError,
  type Result,
  type Write,
  hasErrors,
  ok,
  refuse,
  shortName,
} from '@headgate/model'
import { type EnvironmentRow, type RotationRow, insert } from '@headgate/store'
import { refuseImport } from '../access/import-right.ts'
import { environmentHost } from '../environments/environment-host.ts'
import { findRevision } from '../environments/find-revision.ts'
import { fileName, textOf } from '../environments/import-closure.ts'
import { sealDocument } from '../environments/seal-document.ts'
import type { Caller, Outcome, Plane } from '../plane.ts'
import { type RotationAnswer, rotationAnswer } from './rotation-record.ts'

export type RotationOutcome = Outcome<RotationAnswer & { diagnostics: Diagnostic[] }>

/**
 * Rotates what a text names, and saves the new states as the next revision. Rotators that failed leave their old state;
 * what did rotate is saved all the same, because the old secret may be gone outside.
 */
export async function rotateText(
  plane: Plane,
  caller: Caller,
  name: EnvironmentName,
  paths: readonly string[],
  schedule: RotationRow['schedule'],
): Promise<Result<RotationOutcome>> {
  const found = await findRevision(plane, name, undefined)
  if (!found.ok) return found
  const { environment, revision } = found.value
  const started = plane.now()
  const text = textOf(plane, environment, revision)
  const { document, diagnostics } = load(fileName(environment), text)
  if (!document || hasErrors(diagnostics)) return failed(name, diagnostics)
  const { host, denied } = environmentHost(plane, caller, name, environment, { purpose: 'rotate' })
  // Which imports are refused is known before anything is replaced outside: a new secret must not be lost to a refusal.
  const checked = await check(document, host, { trace: 'none' })
  const refused = denied()
  if (refused) return refuseImport(caller, refused, checked.diagnostics)
  const rotated = await rotatePaths(() => rotate(document, host, paths, { trace: 'none' }))
  if (!rotated.ok) return rotated
  const patches = rotated.value.rotations.flatMap((each) => (each.status === 'succeeded' ? [each.patch] : []))
  const all = [...diagnostics, ...rotated.value.diagnostics]
  if (patches.length === 0 && hasErrors(all)) return failed(name, all)
  const saved = patches.length === 0 ? undefined : await saveRotated(plane, caller, environment, applyPatches(text, patches))
  if (saved && !saved.ok) return saved
  const row = rotationRow(environment, schedule, caller, {
    started,
    ended: plane.now(),
    before: revision.number,
    after: saved?.value.revision ?? null,
    outcome: rotated.value.rotations.map(outcomeOf),
  })
  return ok({
    answer: { ...rotationAnswer(row, caller.name), diagnostics: all },
    expect: [{ kind: 'head', environment: environment.id, revision: revision.number, name: shortName(name) }],
    writes: [...(saved?.value.writes ?? []), insert('rotations', row)],
    details: { rotation: row.id, status: row.status, rotated: patches.length, before: revision.number, after: row.after },
  })
}

interface Ended {
  readonly started: number
  readonly ended: number
  readonly before: number
  readonly after: number | null
  readonly outcome: RotationAnswer['outcome']
}

function rotationRow(environment: EnvironmentRow, schedule: RotationRow['schedule'], caller: Caller, ended: Ended): RotationRow {
  return {
    id: randomUUID(),
    environment: environment.id,
    schedule,
    author: caller.principal,
    started_at: ended.started,
    ended_at: ended.ended,
    status: ended.outcome.some((each) => each.status === 'failed') ? 'failed' : 'succeeded',
    before: ended.before,
    after: ended.after,
    outcome: JSON.stringify(ended.outcome),
  }
}

async function saveRotated(
  plane: Plane,
  caller: Caller,
  environment: EnvironmentRow,
  patched: Result<string>,
): Promise<Result<{ revision: number; writes: Write[] }>> {
  if (!patched.ok) return patched
  const sealed = await sealDocument(plane, caller, environment, patched.value)
  if (!sealed.ok) return sealed
  const by = { author: caller.principal, time: plane.now() }
  const { revision, writes } = plane.vault.newRevision(environment, sealed.value.text, by)
  return ok({ revision: revision.number, writes: [...sealed.value.records, ...writes] })
}

/** A path that cannot be read is the caller's mistake, which the language throws. */
async function rotatePaths(run: () => Promise<Rotated>): Promise<Result<Rotated>> {
  try {
    return ok(await run())
  } catch (error) {
    if (error instanceof HeadgateError && error.code === 'PATH_INVALID') return { ok: false, problem: error.problem }
    throw error
  }
}

function outcomeOf(each: Rotated['rotations'][number]): RotationAnswer['outcome'][number] {
  const message = each.status === 'failed' ? each.diagnostics[0]?.message : undefined
  return { path: each.path, status: each.status, ...(message === undefined ? {} : { message }) }
}

function failed(name: EnvironmentName, diagnostics: readonly Diagnostic[]): Result<never> {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('ROTATE_FAILED', { environment: shortName(name), count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}
