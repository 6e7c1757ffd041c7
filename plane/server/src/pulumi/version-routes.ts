import { type Result, refuse } from '@headgate/model'
import { ENVIRONMENT } from './environment-routes.ts'
import {
  type WireAnswer,
  type WireRequest,
  type WireRoute,
  answerWith,
  json,
  nameOf,
  nothing,
  numberOf,
  objectOf,
  present,
  timeText,
} from './wire-route.ts'

const TAGS = `${ENVIRONMENT}/versions/tags`
const PAGE = 100
const LONGEST = 1000
const LATEST = 'latest'

/** Revisions and the tags that name them. */
export const versionRoutes: readonly WireRoute[] = [
  { method: 'GET', path: `${ENVIRONMENT}/versions`, answer: listVersions },
  { method: 'POST', path: `${ENVIRONMENT}/versions/:version/retract`, answer: retract },
  { method: 'GET', path: TAGS, answer: (request) => listTags(request, undefined) },
  { method: 'GET', path: `${ENVIRONMENT}/versions/:version/tags`, answer: (request) => listTags(request, request.params['version']) },
  { method: 'POST', path: TAGS, answer: createTag },
  { method: 'GET', path: `${TAGS}/:tag`, answer: readTag },
  { method: 'PATCH', path: `${TAGS}/:tag`, answer: moveTag },
  {
    method: 'DELETE',
    path: `${TAGS}/:tag`,
    answer: async (request) =>
      answerWith(await request.ask('deleteTag', { params: { ...nameOf(request), tag: request.params['tag'] } }), () => nothing),
  },
]

/** Newest first, strictly below `before`. Clients read on until a page is empty. */
async function listVersions(request: WireRequest): Promise<Result<WireAnswer>> {
  const before = numberOf(request.query, 'before')
  if (!before.ok) return before
  const count = numberOf(request.query, 'count')
  if (!count.ok) return count
  const query = present({ before: before.value, limit: Math.min(count.value ?? PAGE, LONGEST) })
  return answerWith(await request.ask('listRevisions', { params: nameOf(request), query }), ({ revisions }) => {
    return json(revisions.map(shown))
  })
}

interface Revision {
  readonly revision: number
  readonly created: number
  readonly author: string
  readonly tags: readonly string[]
  readonly retracted?: { replacement: number; reason: string; author: string; at: number } | undefined
}

function shown({ revision, created, author, tags, retracted }: Revision) {
  const replaced = retracted && {
    replacement: retracted.replacement,
    at: timeText(retracted.at),
    byLogin: retracted.author,
    byName: retracted.author,
    ...(retracted.reason === '' ? {} : { reason: retracted.reason }),
  }
  return {
    number: revision,
    created: timeText(created),
    creatorLogin: author,
    creatorName: author,
    tags,
    ...(replaced ? { retracted: replaced } : {}),
  }
}

async function retract(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { replacement, reason } = body.value
  const params = { ...nameOf(request), version: request.params['version'] }
  const asked = present({ replacement: replacement === 0 ? undefined : replacement, reason })
  return answerWith(await request.ask('retractRevision', { params, body: asked }), () => nothing)
}

interface Tag {
  readonly tag: string
  readonly revision: number
  readonly author: string
  readonly moved: number
}

/** Every tag by its name, with the one that no one sets: the newest revision. */
async function tagsOf(request: WireRequest): Promise<Result<Tag[]>> {
  const params = nameOf(request)
  const listed = await request.ask('listTags', { params })
  if (!listed.ok) return listed
  const head = await request.ask('listRevisions', { params, query: { limit: 1 } })
  if (!head.ok) return head
  const newest = head.value.revisions.map(({ revision, author, created }) => ({ tag: LATEST, revision, author, moved: created }))
  return { ok: true, value: [...newest, ...listed.value.tags].toSorted((a, b) => (a.tag < b.tag ? -1 : 1)) }
}

async function listTags(request: WireRequest, version: string | undefined): Promise<Result<WireAnswer>> {
  const count = numberOf(request.query, 'count')
  if (!count.ok) return count
  return answerWith(await tagsOf(request), (all) => {
    const { after = '' } = request.query
    const wanted = all.filter(({ tag, revision }) => tag > after && (version === undefined || String(revision) === version))
    const page = wanted.slice(0, count.value ?? PAGE)
    return json({ tags: page.map(shownTag), nextToken: page.length < wanted.length ? (page.at(-1)?.tag ?? '') : '' })
  })
}

function shownTag({ tag, revision, author, moved }: Tag) {
  return { name: tag, revision, created: timeText(moved), modified: timeText(moved), editorLogin: author, editorName: author }
}

async function findTag(request: WireRequest, name: string): Promise<Result<Tag>> {
  const all = await tagsOf(request)
  if (!all.ok) return all
  const found = all.value.find(({ tag }) => tag === name)
  const { project, environment } = nameOf(request)
  return found ? { ok: true, value: found } : refuse('TAG_NOT_FOUND', { environment: `${project}/${environment}`, tag: name })
}

async function readTag(request: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await findTag(request, request.params['tag'] ?? ''), (tag) => json(shownTag(tag)))
}

async function createTag(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { name, revision } = body.value
  const { project, environment } = nameOf(request)
  // Under that name its own path would be the list.
  if (name === 'tags') return refuse('TAG_INVALID', { tag: 'tags', reason: 'the Pulumi protocol has it as a word of its own' })
  const existing = await findTag(request, String(name))
  if (existing.ok && name !== LATEST) return refuse('TAG_EXISTS', { environment: `${project}/${environment}`, tag: String(name) })
  if (!existing.ok && existing.problem.code !== 'TAG_NOT_FOUND') return existing
  return pointTag(request, name, revision, null)
}

/** A tag that is not there is 404, which makes clients create it. */
async function moveTag(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const existing = await findTag(request, request.params['tag'] ?? '')
  if (!existing.ok) return existing
  return pointTag(request, existing.value.tag, body.value['revision'], existing.value.revision)
}

async function pointTag(request: WireRequest, tag: unknown, revision: unknown, expected: number | null): Promise<Result<WireAnswer>> {
  const params = nameOf(request)
  const head = revision === undefined || revision === null ? await request.ask('readEnvironment', { params }) : undefined
  if (head && !head.ok) return head
  const body = { revision: head ? head.value.revision : revision, expected }
  return answerWith(await request.ask('moveTag', { params: { ...params, tag }, body }), () => nothing)
}
