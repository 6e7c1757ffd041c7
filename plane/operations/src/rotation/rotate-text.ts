import {
  type Document,
  type Host,
  type Rotated,
  type RotatorCall,
  applyPatches,
  check,
  exportedValue,
  joinPath,
  listRotators,
  load,
  parsePath,
  rotate,
} from '@headgate/lang'
import { type Diagnostic, type EnvironmentName, type Result, type Write, hasErrors, ok, refuse, shortName } from '@headgate/model'
import { type RotationRow, insert } from '@headgate/store'
import { refuseImport } from '../access/import-right.ts'
import { environmentHost } from '../environments/environment-host.ts'
import { type FoundRevision, findEnvironment, findRevision } from '../environments/find-revision.ts'
import { fileName, textOf } from '../environments/import-closure.ts'
import type { Caller, Outcome, Plane } from '../plane.ts'
import { whileRotating } from './hold-rotation.ts'
import { keepingStates } from './keeping-states.ts'
import { type PathOutcome, type RotationJournal, beginRotation, rotationRow } from './rotation-journal.ts'
import { type RotationAnswer, rotationAnswer } from './rotation-record.ts'
import { settleAbandoned, settleRotation } from './settle-rotation.ts'

export type RotationOutcome = Outcome<RotationAnswer & { diagnostics: Diagnostic[] }>

export interface RotationAsked {
  /** Which rotators, relative to `values`; none for all of them. */
  readonly paths: readonly string[]
  readonly schedule?: RotationRow['schedule']
  /** Written when the rotation begins, so that it happens with it or not at all. */
  readonly alongside?: readonly Write[]
}

/**
 * Rotates what a text names, and saves the new states as the next revision. Rotators that failed leave their old state;
 * what did rotate is kept all the same, because the old secret may be gone outside: it is written down as it comes, and
 * whatever was saved meanwhile, it is laid over that.
 */
export async function rotateText(
  plane: Plane,
  caller: Caller,
  name: EnvironmentName,
  asked: RotationAsked,
): Promise<Result<RotationOutcome>> {
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const { id } = environment.value
  return whileRotating(plane, id, shortName(name), async () => {
    await settleAbandoned(plane, await plane.store.drafts.list(id))
    return rotateHeld(plane, caller, name, asked)
  })
}

async function rotateHeld(plane: Plane, caller: Caller, name: EnvironmentName, asked: RotationAsked): Promise<Result<RotationOutcome>> {
  const found = await findRevision(plane, name, undefined)
  if (!found.ok) return found
  const { environment, revision } = found.value
  const text = textOf(plane, environment, revision)
  const { document, diagnostics } = load(fileName(environment), text)
  if (!document || hasErrors(diagnostics)) return failed(name, diagnostics)
  const { host, denied } = environmentHost(plane, caller, name, environment, { purpose: 'rotate' })
  // Which imports are refused is known before anything is replaced outside: a new secret must not be lost to a refusal.
  const checked = await check(document, host, { trace: 'none' })
  const refused = denied()
  if (refused) return refuseImport(caller, refused, checked.diagnostics)
  const calls = selectCalls(name, text, asked.paths)
  if (!calls.ok) return calls
  const { schedule = null, alongside = [] } = asked
  const begin = { found: found.value, text, calls: calls.value, schedule, alongside }
  if (begin.calls.length === 0) return nothingToRotate(plane, caller, begin, diagnostics)
  const journal = await beginRotation(plane, caller, begin)
  if (!journal.ok) return journal
  const rotated = await rotateOnRecord(plane, caller, document, host, asked.paths, journal.value)
  return ended(plane, caller, name, journal.value, { ...rotated, diagnostics: [...diagnostics, ...rotated.diagnostics] })
}

/** The rotators that are asked for, each with a place its new state can be written to. A path without one is a mistake. */
function selectCalls(name: EnvironmentName, text: string, paths: readonly string[]): Result<RotatorCall[]> {
  const wanted = new Set<string>()
  for (const path of paths) {
    const parts = parsePath(path)
    if ('reason' in parts) return refuse('PATH_INVALID', { path, reason: parts.reason })
    wanted.add(joinPath(['values', ...parts]))
  }
  const calls = listRotators(text).filter(({ path }) => wanted.size === 0 || wanted.has(path))
  const missing = [...wanted].filter((path) => !calls.some((call) => call.path === path))
  if (missing.length > 0) return failed(name, missing.map(withoutRotator))
  for (const { statePath } of calls) {
    const tried = applyPatches(text, [{ path: statePath, value: exportedValue(null) }])
    if (!tried.ok) return tried
  }
  return ok(calls)
}

function withoutRotator(path: string): Diagnostic {
  return { severity: 'error', code: 'PATH_NOT_FOUND', message: `there is no rotator at ${path}`, path }
}

/** Whatever stops it, what was rotated until then is settled. */
async function rotateOnRecord(
  plane: Plane,
  caller: Caller,
  document: Document,
  host: Host,
  paths: readonly string[],
  journal: RotationJournal,
): Promise<Rotated> {
  const providers = host.providers && keepingStates(host.providers, journal)
  try {
    return await rotate(document, { ...host, ...(providers ? { providers } : {}) }, paths, { trace: 'none' })
  } catch (error) {
    await journal.save()
    await settleRotation(plane, journal.id, caller)
    throw error
  }
}

async function ended(
  plane: Plane,
  caller: Caller,
  name: EnvironmentName,
  journal: RotationJournal,
  { rotations, diagnostics }: Pick<Rotated, 'rotations' | 'diagnostics'>,
): Promise<Result<RotationOutcome>> {
  await journal.save()
  const settled = await settleRotation(plane, journal.id, caller, rotations.map(outcomeOf))
  if (!settled.ok) return settled
  const { row } = settled.value
  const succeeded = rotations.filter(({ status }) => status === 'succeeded').length
  if (succeeded === 0 && hasErrors(diagnostics)) return failed(name, diagnostics)
  return ok({
    answer: { ...rotationAnswer(row, caller.name), diagnostics: [...diagnostics, ...settled.value.diagnostics] },
    details: { rotation: row.id, status: row.status, rotated: succeeded, before: row.before, after: row.after },
  })
}

function nothingToRotate(
  plane: Plane,
  caller: Caller,
  begin: { readonly found: FoundRevision; readonly schedule: RotationRow['schedule']; readonly alongside: readonly Write[] },
  diagnostics: readonly Diagnostic[],
): Result<RotationOutcome> {
  const row: RotationRow = { ...rotationRow(plane, caller, { ...begin, calls: [] }), status: 'succeeded' }
  return ok({
    answer: { ...rotationAnswer(row, caller.name), diagnostics: [...diagnostics] },
    writes: [...begin.alongside, insert('rotations', row)],
    details: { rotation: row.id, status: row.status, rotated: 0, before: row.before, after: null },
  })
}

function outcomeOf(each: Rotated['rotations'][number]): PathOutcome {
  const message = each.status === 'failed' ? each.diagnostics[0]?.message : undefined
  return { path: each.path, status: each.status, ...(message === undefined ? {} : { message }) }
}

function failed(name: EnvironmentName, diagnostics: readonly Diagnostic[]): Result<never> {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('ROTATE_FAILED', { environment: shortName(name), count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}
