import { z } from 'zod'
import { diagnostic, environmentParams, noBody, noParams, noQuery, time } from './shapes.ts'

const draft = z.object({
  draft: z.string(),
  environment: z.string(),
  /** `rotation`: new states of rotated secrets that no revision has. */
  kind: z.enum(['text', 'access', 'rotation']),
  state: z.enum(['open', 'submitted', 'applied', 'closed']),
  /** The revision it was made on. */
  base: z.number().int(),
  /** Counts the texts it had. */
  version: z.number().int(),
  description: z.string(),
  author: z.string(),
  created: time,
  changed: time,
})
const approval = z.object({ by: z.string(), at: time, version: z.number().int() })
const event = z.object({
  event: z.string(),
  kind: z.enum(['created', 'changed', 'described', 'submitted', 'approved', 'unapproved', 'commented', 'applied', 'closed']),
  /** The version of the draft at that time. */
  version: z.number().int(),
  author: z.string(),
  at: time,
  comment: z.string().optional(),
})
/** What somebody says: for people, so not for secrets. */
const comment = z.string().max(4096)
const said = z.object({ comment: comment.optional() }).optional()
const changed = draft.extend({ diagnostics: z.array(diagnostic) })
const byId = z.object({ draft: z.string() })

export const draftSchemas = {
  listDrafts: { params: environmentParams, query: noQuery, body: noBody, answer: z.object({ drafts: z.array(draft) }) },
  createDraft: {
    params: environmentParams,
    query: noQuery,
    /** `expected` is the revision the change was made on; left out, the newest. */
    body: z.object({ text: z.string(), expected: z.number().int().optional(), description: z.string().max(4096).optional() }),
    answer: changed,
  },
  readDraft: {
    params: environmentParams.extend({ draft: z.string() }),
    query: noQuery,
    body: noBody,
    answer: draft.extend({ text: z.string() }),
  },
  changeDraft: {
    params: environmentParams.extend({ draft: z.string() }),
    query: noQuery,
    /** `expected` is the version of the draft that was changed. */
    body: z.object({ text: z.string(), expected: z.number().int().optional() }),
    answer: changed,
  },
  listAllDrafts: {
    params: noParams,
    /** `open`: neither applied nor closed; which is the default. */
    query: z.object({ state: z.enum(['open', 'applied', 'closed', 'all']).optional() }),
    body: noBody,
    answer: z.object({ drafts: z.array(draft) }),
  },
  showDraft: {
    params: byId,
    query: noQuery,
    body: noBody,
    /** `approvals` are those that count: of this version, by whoever may still approve. */
    answer: draft.extend({ text: z.string(), head: z.number().int(), approvals: z.array(approval) }),
  },
  describeDraft: { params: byId, query: noQuery, body: z.object({ description: comment }), answer: draft },
  approveDraft: {
    params: byId,
    query: noQuery,
    /** `version` is the one that was looked at; left out, the newest. */
    body: z.object({ comment: comment.optional(), version: z.number().int().optional() }).optional(),
    answer: draft,
  },
  unapproveDraft: { params: byId, query: noQuery, body: noBody, answer: draft },
  commentDraft: { params: byId, query: noQuery, body: z.object({ comment: comment.min(1) }), answer: event },
  listDraftEvents: { params: byId, query: noQuery, body: noBody, answer: z.object({ events: z.array(event) }) },
  submitDraft: { params: byId, query: noQuery, body: z.object({ description: z.string().max(4096).optional() }), answer: draft },
  applyDraft: {
    params: byId,
    query: noQuery,
    body: z.object({}).optional(),
    answer: draft.extend({ revision: z.number().int() }),
  },
  closeDraft: { params: byId, query: noQuery, body: said, answer: draft },
  changeAccessRequest: {
    params: environmentParams.extend({ draft: z.string() }),
    query: noQuery,
    body: z.object({ standsFor: z.number().int().min(1), lastsFor: z.number().int().min(1) }),
    answer: draft,
  },
  requestAccess: {
    params: environmentParams,
    query: noQuery,
    /** Seconds: how long the request stands, and how long the right lasts once it is granted. */
    body: z.object({ standsFor: z.number().int().min(1), lastsFor: z.number().int().min(1) }),
    answer: draft,
  },
}
