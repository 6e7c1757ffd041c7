import { z } from 'zod'
import { diagnostic, environmentParams, noBody, noQuery, time } from './shapes.ts'

const draft = z.object({
  draft: z.string(),
  environment: z.string(),
  kind: z.enum(['text', 'access']),
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
  submitDraft: { params: byId, query: noQuery, body: z.object({ description: z.string().max(4096).optional() }), answer: draft },
  applyDraft: {
    params: byId,
    query: noQuery,
    body: z.object({}).optional(),
    answer: draft.extend({ revision: z.number().int() }),
  },
  closeDraft: { params: byId, query: noQuery, body: z.object({}).optional(), answer: draft },
  requestAccess: {
    params: environmentParams,
    query: noQuery,
    /** Seconds: how long the request stands, and how long the right lasts once it is granted. */
    body: z.object({ standsFor: z.number().int().min(1), lastsFor: z.number().int().min(1) }),
    answer: draft,
  },
}
