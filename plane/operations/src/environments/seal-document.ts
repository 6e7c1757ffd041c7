import { DOCUMENT_LIMIT } from '@headgate/contract'
import { check, listSealed, load, replaceSealed, sealSecrets } from '@headgate/lang'
import {
  type Diagnostic,
  type EnvironmentName,
  type Range,
  type RecordId,
  type Result,
  type Write,
  hasErrors,
  ok,
  refuse,
  shortName,
} from '@headgate/model'
import { type EnvironmentRow, type Fields, type RecordRow, insert } from '@headgate/store'
import { mayOn } from '../access/authorise.ts'
import type { Caller, Plane } from '../plane.ts'
import { type PendingTexts, environmentHost } from './environment-host.ts'
import { nameOf } from './find-revision.ts'
import { handleMoves } from './handle-moves.ts'
import { standingSecrets } from './standing-secrets.ts'

/** A text ready to be a revision: every secret a handle of this environment, the new records beside it. */
export interface SealedDocument {
  readonly text: string
  readonly records: readonly Write[]
  /** What it warns of; one with errors does not get here. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * The first half of a save: check the text, seal its plaintext secrets, and see that every handle in it belongs here.
 * Bytes outside the secrets stay as they are. A handle of another environment is sealed anew where the writer may open
 * that one, and refused with its place where not. A plaintext that stands there already keeps its record.
 */
export async function sealDocument(
  plane: Plane,
  caller: Caller,
  environment: Fields<EnvironmentRow>,
  text: string,
  pending: PendingTexts = new Map(),
): Promise<Result<SealedDocument>> {
  const name = nameOf(plane, environment)
  const size = Buffer.byteLength(text)
  if (size > DOCUMENT_LIMIT) return refuse('DOCUMENT_TOO_LARGE', { environment: shortName(name), size, limit: DOCUMENT_LIMIT })
  const file = shortName(name)
  const checked = await checkText(plane, caller, environment, text, pending)
  if (!checked.ok) return checked
  const records: Write[] = []
  const adopted = await adoptHandles(plane, caller, environment, text, records)
  if (!adopted.ok) return adopted
  const place = { organisation: environment.organisation, environment: environment.id }
  const standing = standingSecrets(plane, caller, environment)
  const sealed = await sealSecrets(file, adopted.value, async (secret, { path }) => {
    const kept = await standing(path, secret)
    if (kept) return kept
    const { handle, record } = plane.vault.sealSecret(place, secret, plane.now())
    records.push(insert('records', record))
    return handle
  })
  if (sealed.text === undefined) return invalid(name, sealed.diagnostics)
  return ok({ text: sealed.text, records, diagnostics: checked.value })
}

async function checkText(
  plane: Plane,
  caller: Caller,
  environment: Fields<EnvironmentRow>,
  text: string,
  pending: PendingTexts,
): Promise<Result<Diagnostic[]>> {
  const name = nameOf(plane, environment)
  const { document, diagnostics } = load(shortName(name), text)
  if (!document || hasErrors(diagnostics)) return document || diagnostics.length > 0 ? invalid(name, diagnostics) : ok([])
  const { host } = environmentHost(plane, caller, name, environment, { pending, purpose: 'check' })
  const checked = await check(document, host, { trace: 'none' })
  const all = [...diagnostics, ...checked.diagnostics]
  return hasErrors(all) ? invalid(name, all) : ok(all)
}

/** Sees to every handle a text comes with; the result is the text with foreign ones replaced by new ones of this environment. */
async function adoptHandles(
  plane: Plane,
  caller: Caller,
  environment: Fields<EnvironmentRow>,
  text: string,
  records: Write[],
): Promise<Result<string>> {
  const { sealed, diagnostics } = listSealed(text)
  const name = nameOf(plane, environment)
  if (diagnostics.length > 0) return invalid(name, diagnostics)
  const ids = sealed.map(({ payload }) => plane.vault.readHandle(payload))
  const readable = ids.filter((id): id is RecordId => id !== undefined)
  const own = await plane.store.records.of(environment.id, readable)
  const foreign = await plane.store.records.get(readable.filter((id) => !own.has(id)))
  const mayStand = handleMoves(plane, caller, environment)
  const replacements = new Map<number, Uint8Array>()
  for (const [index, { path, range }] of sealed.entries()) {
    const id = ids[index]
    if (id !== undefined && own.has(id)) {
      if (await mayStand(id, path)) continue
      return handleProblem('HANDLE_MOVED', path, range, caller)
    }
    const record = id === undefined ? undefined : foreign.get(id)
    if (!record) return handleProblem('HANDLE_INVALID', path, range, caller)
    const handle = await adopt(plane, caller, environment, record, records)
    if (!handle) return handleProblem('HANDLE_FOREIGN', path, range, caller)
    replacements.set(index, handle)
  }
  return ok(replacements.size === 0 ? text : replaceSealed(text, (_sealed, index) => replacements.get(index)))
}

/** Seals a secret of another environment anew for this one; undefined where the caller may not open it there. */
async function adopt(
  plane: Plane,
  caller: Caller,
  environment: Fields<EnvironmentRow>,
  record: RecordRow,
  records: Write[],
): Promise<Uint8Array | undefined> {
  const source = await plane.store.environments.get(record.environment)
  if (!source || !mayOn(plane, caller, 'open', nameOf(plane, source))) return undefined
  const secret = plane.vault.openSecret({ organisation: source.organisation, environment: source.id }, record)
  const sealed = plane.vault.sealSecret({ organisation: environment.organisation, environment: environment.id }, secret, plane.now())
  records.push(insert('records', sealed.record))
  return sealed.handle
}

function handleProblem(
  code: 'HANDLE_INVALID' | 'HANDLE_FOREIGN' | 'HANDLE_MOVED',
  path: string,
  range: Range | undefined,
  caller: Caller,
): Result<never> {
  const refused = refuse(code, { path, principal: caller.name })
  const { message, hint } = refused.problem
  const diagnostic: Diagnostic = { severity: 'error', code, message, path, ...(range ? { range } : {}), ...(hint ? { hint } : {}) }
  return refuse(code, { path, principal: caller.name }, [diagnostic])
}

function invalid(name: EnvironmentName, diagnostics: readonly Diagnostic[]): Result<never> {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  return refuse('DOCUMENT_INVALID', { environment: shortName(name), count: `${errors} ${errors === 1 ? 'error' : 'errors'}` }, diagnostics)
}
