import { type Result, ok, refuse } from '@headgate/model'
import { ENVIRONMENT } from './environment-routes.ts'
import { editedTag, expectedRevision, sameTag } from './revision-text.ts'
import { type WireAnswer, type WireRequest, type WireRoute, answerWith, json, nameOf, textOf } from './wire-route.ts'

const DRAFTS = `${ENVIRONMENT}/drafts`

/** Drafts of one environment; what is decided about them are the change requests. */
export const draftRoutes: readonly WireRoute[] = [
  { method: 'POST', path: DRAFTS, answer: createDraft },
  { method: 'GET', path: `${DRAFTS}/:draft`, answer: readDraft },
  { method: 'PATCH', path: `${DRAFTS}/:draft`, answer: changeDraft },
]

async function createDraft(request: WireRequest): Promise<Result<WireAnswer>> {
  const expected = await expectedRevision(request)
  if (!expected.ok) return expected
  const text = textOf(request)
  if (!text.ok) return text
  const body = { text: text.value, expected: expected.value }
  return answerWith(await request.ask('createDraft', { params: nameOf(request), body }), reference)
}

function reference({ draft, version }: { draft: string; version: number }): Result<WireAnswer> {
  return json({ changeRequestId: draft, latestRevisionNumber: version })
}

function draftTag({ draft, version }: { draft: string; version: number }): string {
  return `"${version}-${draft.slice(0, 8)}"`
}

function find(request: WireRequest) {
  return request.ask('readDraft', { params: { ...nameOf(request), draft: request.params['draft'] } })
}

async function readDraft(request: WireRequest): Promise<Result<WireAnswer>> {
  const read = await find(request)
  if (!read.ok) return read
  const { kind, text, base, version } = read.value
  if (kind === 'access') return refuse('DRAFT_NOT_FOUND', { draft: read.value.draft })
  // Only the newest text of a draft is kept.
  const asked = request.query['revision']
  if (asked !== undefined && asked !== '0' && asked !== String(version))
    return refuse('DRAFT_NOT_FOUND', { draft: `${read.value.draft} in version ${asked}` })
  return ok({ status: 200, text, headers: { etag: draftTag(read.value), 'pulumi-esc-revision': String(base) } })
}

async function changeDraft(request: WireRequest): Promise<Result<WireAnswer>> {
  const read = await find(request)
  if (!read.ok) return read
  const { draft, version } = read.value
  const tag = editedTag(request)
  if (tag !== undefined && !sameTag(tag, draftTag(read.value)))
    return refuse('DRAFT_CONFLICT', {
      draft,
      expected: Number.parseInt(tag.replace(/^"/, ''), 10) || 0,
      actual: version,
    })
  const text = textOf(request)
  if (!text.ok) return text
  const body = { text: text.value, expected: version }
  return answerWith(await request.ask('changeDraft', { params: { ...nameOf(request), draft }, body }), reference)
}
