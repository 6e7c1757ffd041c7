import { DOCUMENT_LIMIT } from '@headgate/contract'
import { type Diagnostic, type EnvironmentName, type Result, ok, refuse, shortName } from '@headgate/model'
import type { EnvironmentRow } from '@headgate/store'
import { pathFilter } from '../access/authorise.ts'
import { findDraft, textOfDraft } from '../drafts/find-draft.ts'
import { TEXT_NAME } from '../environments/check-text.ts'
import { environmentHost, textHost } from '../environments/environment-host.ts'
import { findEnvironment, findRevisionFor } from '../environments/find-revision.ts'
import { fileName, textOf } from '../environments/import-closure.ts'
import { Rendered } from '../kept/rendered.ts'
import type { Caller, Plane, UseCase } from '../plane.ts'
import { evaluationAt, keepEvaluation } from './evaluation.ts'
import { type NewSession, findSession, newSession, sessionLifetime } from './keep-session.ts'
import { openText } from './open-text.ts'

/** Opens a revision or a draft and keeps it, sealed, for whoever opened it. A part that they may not open is not kept. */
export const createOpenSession: UseCase<'createOpenSession'> = async (plane, caller, { params, body }) => {
  const lifetime = sessionLifetime(body.lifetime)
  if (!lifetime.ok) return lifetime
  const source = await sourceOf(plane, caller, params, body)
  if (!source.ok) return source
  const { environment, text, revision } = source.value
  const host = environmentHost(plane, caller, params, environment)
  const opened = await openText(caller, fileName(environment), text, host)
  if (!opened.ok) return opened
  const filter = pathFilter(plane, caller, params)
  const evaluation = filter ? keepEvaluation(opened.value.evaluation, filter) : opened.value.evaluation
  const session = newSession(plane, caller, environment.id, evaluation, lifetime.value)
  return ok({
    answer: shown(session, opened.value.diagnostics),
    writes: [session.write],
    details: { revision, closure: opened.value.closure, session: session.id, lifetime: lifetime.value, partial: filter !== undefined },
  })
}

/** The same for a text that is saved nowhere. */
export const createTextSession: UseCase<'createTextSession'> = async (plane, caller, { body }) => {
  const lifetime = sessionLifetime(body.lifetime)
  if (!lifetime.ok) return lifetime
  const size = Buffer.byteLength(body.text)
  if (size > DOCUMENT_LIMIT) return refuse('DOCUMENT_TOO_LARGE', { environment: TEXT_NAME, size, limit: DOCUMENT_LIMIT })
  const host = textHost(plane, caller, { overrides: new Map(Object.entries(body.overrides ?? {})) })
  const opened = await openText(caller, TEXT_NAME, body.text, host)
  if (!opened.ok) return opened
  const session = newSession(plane, caller, null, opened.value.evaluation, lifetime.value)
  return ok({
    answer: shown(session, opened.value.diagnostics),
    writes: [session.write],
    details: { closure: opened.value.closure, session: session.id, lifetime: lifetime.value },
  })
}

/** What a session holds. Each reading is on record before a value leaves. */
export const readOpenSession: UseCase<'readOpenSession'> = async (plane, caller, { params, query }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  return readSession(plane, caller, params.session, environment.value, query.path, pathFilter(plane, caller, params))
}

export const readTextSession: UseCase<'readTextSession'> = async (plane, caller, { params, query }) =>
  readSession(plane, caller, params.session, undefined, query.path)

/** @param allowed the paths the token in use may open now, which may be fewer than those of the token that opened */
async function readSession(
  plane: Plane,
  caller: Caller,
  id: string,
  environment: EnvironmentRow | undefined,
  path: string | undefined,
  allowed?: (path: string) => boolean,
) {
  const found = await findSession(plane, caller, id, environment?.id ?? null)
  if (!found.ok) return found
  const { row } = found.value
  const evaluation = allowed ? keepEvaluation(found.value.evaluation, allowed) : found.value.evaluation
  const part = evaluationAt(evaluation, path ?? '', environment ? fileName(environment) : TEXT_NAME)
  if (!part.ok) return part
  return ok({
    answer: new Rendered(`{"session":${JSON.stringify(row.id)},"expires":${row.expires_at},"evaluation":${part.value}}`),
    details: { session: row.id, ...(path === undefined ? {} : { path }) },
  })
}

interface Source {
  readonly environment: EnvironmentRow
  readonly text: string
  readonly revision: number
}

async function sourceOf(
  plane: Plane,
  caller: Caller,
  name: EnvironmentName,
  { version, draft }: { version?: string | undefined; draft?: string | undefined },
): Promise<Result<Source>> {
  if (draft === undefined) {
    const found = await findRevisionFor(plane, caller, name, version)
    if (!found.ok) return found
    const { environment, revision } = found.value
    return ok({ environment, text: textOf(plane, environment, revision), revision: revision.number })
  }
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const found = await findDraft(plane, draft, environment.value)
  if (!found.ok) return found
  if (found.value.kind === 'access') return refuse('DRAFT_NOT_FOUND', { draft, environment: shortName(name) })
  return ok({ environment: environment.value, text: textOfDraft(plane, found.value), revision: found.value.base })
}

function shown(session: NewSession, diagnostics: readonly Diagnostic[]) {
  return { session: session.id, expires: session.expires, diagnostics: [...diagnostics] }
}
