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
  timeText,
} from './wire-route.ts'

const TAGS = `${ENVIRONMENT}/tags`
const PAGE = 500
/** What the command line waits for: it reads on until it sees this. */
const LAST_PAGE = '0'

/** The protocol's environment tags: what is called a label here. */
export const tagRoutes: readonly WireRoute[] = [
  { method: 'GET', path: TAGS, answer: listTags },
  { method: 'POST', path: TAGS, answer: createTag },
  { method: 'GET', path: `${TAGS}/:tag`, answer: async (request) => answerWith(await findTag(request), (label) => json(shown(label))) },
  { method: 'PATCH', path: `${TAGS}/:tag`, answer: changeTag },
  {
    method: 'DELETE',
    path: `${TAGS}/:tag`,
    answer: async (request) =>
      answerWith(await request.ask('deleteLabel', { params: { ...nameOf(request), label: request.params['tag'] } }), () => nothing),
  },
]

interface Label {
  readonly label: string
  readonly value: string
  readonly author: string
  readonly created: number
  readonly changed: number
}

function shown({ label, value, author, created, changed }: Label) {
  const times = { created: timeText(created), modified: timeText(changed) }
  return { id: label, name: label, value, ...times, editorLogin: author, editorName: author }
}

async function listTags(request: WireRequest): Promise<Result<WireAnswer>> {
  const count = numberOf(request.query, 'count')
  if (!count.ok) return count
  return answerWith(await request.ask('listLabels', { params: nameOf(request) }), ({ labels }) => {
    const { after = '' } = request.query
    const wanted = labels.filter(({ label }) => after === LAST_PAGE || label > after)
    const page = wanted.slice(0, count.value ?? PAGE)
    const next = page.length < wanted.length ? (page.at(-1)?.label ?? LAST_PAGE) : LAST_PAGE
    return json({ tags: Object.fromEntries(page.map((label) => [label.label, shown(label)])), nextToken: next })
  })
}

async function findTag(request: WireRequest): Promise<Result<Label>> {
  const listed = await request.ask('listLabels', { params: nameOf(request) })
  if (!listed.ok) return listed
  const name = request.params['tag'] ?? ''
  const found = listed.value.labels.find(({ label }) => label === name)
  const { project, environment } = nameOf(request)
  return found ? { ok: true, value: found } : refuse('LABEL_NOT_FOUND', { environment: `${project}/${environment}`, label: name })
}

async function createTag(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { name, value } = body.value
  const set = await request.ask('setLabel', { params: { ...nameOf(request), label: name }, body: { value, expected: null } })
  return answerWith(set, (label) => json(shown(label)))
}

/** `currentTag` is what the client saw, `newTag` what it wants; what is left empty there stays. */
async function changeTag(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const existing = await findTag(request)
  if (!existing.ok) return existing
  const current = partOf(body.value['currentTag'])
  const wanted = partOf(body.value['newTag'])
  const { label, value } = existing.value
  const params = { ...nameOf(request), label }
  const change = {
    value: wanted['value'] || value,
    expected: current['value'] ?? value,
    ...(wanted['name'] ? { name: wanted['name'] } : {}),
  }
  return answerWith(await request.ask('setLabel', { params, body: change }), (set) => json(shown(set)))
}

function partOf(part: unknown): Readonly<Record<string, unknown>> {
  return typeof part === 'object' && part !== null ? (part as Record<string, unknown>) : {}
}
