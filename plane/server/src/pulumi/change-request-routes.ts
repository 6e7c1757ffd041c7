import type { Answer } from '@headgate/contract'
import type { Result } from '@headgate/model'
import { pageOf, person } from './environment-shape.ts'
import { inOrganisation } from './organisation-routes.ts'
import {
  type WireAnswer,
  type WireRequest,
  type WireRoute,
  answerWith,
  json,
  nothing,
  numberOf,
  objectOf,
  present,
  timeText,
} from './wire-route.ts'

const ALL = '/change-requests/:org'
const ONE = `${ALL}/:draft`

/** Change requests: the protocol's name for drafts, and what is decided and said about them. */
export const changeRequestRoutes: readonly WireRoute[] = [
  { method: 'GET', path: ALL, answer: (request) => inOrganisation(request, () => list(request)) },
  { method: 'GET', path: ONE, answer: (request) => inOrganisation(request, () => read(request)) },
  { method: 'PATCH', path: ONE, answer: (request) => inOrganisation(request, () => describe(request)) },
  { method: 'POST', path: `${ONE}/submit`, answer: (request) => decided(request, 'submitDraft', ['description']) },
  { method: 'POST', path: `${ONE}/apply`, answer: (request) => decided(request, 'applyDraft', []) },
  { method: 'POST', path: `${ONE}/close`, answer: (request) => decided(request, 'closeDraft', ['comment']) },
  { method: 'POST', path: `${ONE}/approve`, answer: approve },
  {
    method: 'DELETE',
    path: `${ONE}/approve`,
    answer: (request) =>
      inOrganisation(request, async () => answerWith(await request.ask('unapproveDraft', { params: idOf(request) }), () => nothing)),
  },
  { method: 'POST', path: `${ONE}/comments`, answer: (request) => decided(request, 'commentDraft', ['comment']) },
  { method: 'GET', path: `${ONE}/events`, answer: (request) => inOrganisation(request, () => events(request)) },
]

type Draft = Answer<'submitDraft'>

function idOf({ params }: Pick<WireRequest, 'params'>) {
  return { draft: params['draft'] }
}

/** Hands on what of the body a use case takes. */
function decided(
  request: WireRequest,
  route: 'submitDraft' | 'applyDraft' | 'closeDraft' | 'commentDraft',
  names: readonly string[],
): Promise<Result<WireAnswer>> {
  return inOrganisation(request, async () => {
    const body = objectOf(request)
    if (!body.ok) return body
    const asked = present(Object.fromEntries(names.map((name) => [name, body.value[name]])))
    const answer: Result<unknown> = await request.ask(route, { params: idOf(request), body: asked })
    return answerWith(answer, () => nothing)
  })
}

/** A client may say which text it approves. */
function approve(request: WireRequest): Promise<Result<WireAnswer>> {
  return inOrganisation(request, async () => {
    const body = objectOf(request)
    if (!body.ok) return body
    const { comment, revisionNumber: version } = body.value
    return answerWith(await request.ask('approveDraft', { params: idOf(request), body: present({ comment, version }) }), () => nothing)
  })
}

/** `ready` once an approval counts, before that `pending`; `draft` until it is handed in. */
function statusOf({ state }: Pick<Draft, 'state'>, approved: boolean): string {
  if (state === 'open') return 'draft'
  if (state === 'submitted') return approved ? 'ready' : 'pending'
  return state
}

function shown({ params }: WireRequest, draft: Draft, approved = false) {
  const [project = '', name = ''] = draft.environment.split('/')
  return {
    id: draft.draft,
    orgID: params['org'],
    status: statusOf(draft, approved),
    createdBy: person(draft.author),
    description: draft.description,
    createdAt: timeText(draft.created),
    entity: { entityType: 'environment', id: draft.environment, project, name },
    action: draft.kind === 'access' ? 'open' : 'update',
    latestRevisionNumber: draft.version,
  }
}

async function list(request: WireRequest): Promise<Result<WireAnswer>> {
  const limit = numberOf(request.query, 'maxResults')
  if (!limit.ok) return limit
  return answerWith(await request.ask('listAllDrafts', { query: { state: 'all' } }), ({ drafts }) => {
    const keyOf = ({ draft }: Draft) => draft
    const sorted = drafts.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const { page, next } = pageOf(sorted, keyOf, request.query['continuationToken'], limit.value)
    return json({ changeRequests: page.map((draft) => shown(request, draft)), continuationToken: next === '' ? null : next })
  })
}

/** One gate speaks of every change: somebody who may approve says so. */
async function read(request: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await request.ask('showDraft', { params: idOf(request) }), ({ approvals, ...draft }) => {
    const satisfied = approvals.length > 0
    const ruleDetails = {
      ruleType: 'approval_required',
      requiredApprovals: 1,
      currentApprovals: approvals.length,
      approvers: approvals.map(({ by }) => person(by)),
    }
    const gate = { id: 'approve', name: 'approved by somebody who may', satisfied, ruleDetails }
    return json({ ...shown(request, draft, satisfied), gateEvaluation: { satisfied, applicableGates: [gate] } })
  })
}

async function describe(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { description } = body.value
  return answerWith(await request.ask('describeDraft', { params: idOf(request), body: present({ description }) }), () => nothing)
}

type DraftEvent = Answer<'listDraftEvents'>['events'][number]

/** The protocol's word for each event; what ended a draft is a change of its status. */
const KINDS: Readonly<Record<DraftEvent['kind'], string>> = {
  created: 'revision_added',
  changed: 'revision_added',
  described: 'description_updated',
  submitted: 'status_changed',
  approved: 'approved',
  unapproved: 'unapproved',
  commented: 'commented',
  applied: 'status_changed',
  closed: 'status_changed',
}

async function events(request: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await request.ask('listDraftEvents', { params: idOf(request) }), (listed) => {
    let status = 'draft'
    const shownEvents = listed.events.map((event) => {
      const before = status
      if (event.kind === 'submitted') status = 'pending'
      if (event.kind === 'applied' || event.kind === 'closed') status = event.kind
      return {
        id: event.event,
        eventType: KINDS[event.kind],
        changeRequestId: request.params['draft'],
        revisionNumber: event.version,
        createdBy: person(event.author),
        createdAt: timeText(event.at),
        ...(event.comment === undefined || event.kind === 'described' ? {} : { comment: event.comment }),
        ...(event.kind === 'described' ? { newDescription: event.comment ?? '' } : {}),
        ...(KINDS[event.kind] === 'status_changed' ? { previousStatus: before, newStatus: status, reason: event.kind } : {}),
      }
    })
    return json({ events: shownEvents, continuationToken: null })
  })
}
