import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

const what = z.enum(['root', 'data', 'all'])
const count = z.number().int()

const rotation = z.object({
  number: count,
  what,
  state: z.enum(['moving', 'moved', 'finishing', 'finished', 'undoing', 'undone']),
  /** Where the root key was and where it comes to, and which one: their public ids. */
  from: z.object({ source: z.string(), rootKey: z.string() }),
  to: z.object({ source: z.string(), rootKey: z.string() }),
  started: time,
  startedBy: z.string(),
  /** While rows are moved: rows looked at, and renewed, of how many. */
  progress: z.object({ table: z.string(), seen: count, renewed: count, total: count }).optional(),
  /** Once they are: rows read, and of them those under a key that goes. */
  proof: z.object({ rows: count, underOld: count, tables: z.record(z.string(), count) }).optional(),
  /** What it is stopped by. */
  problem: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
})

const begun = z.object({ rotation: count, what })

export const keySchemas = {
  readKeys: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      rootKey: z.object({ source: z.string(), place: z.string(), id: z.string() }),
      dataKeys: z.array(
        z.object({
          /** The organisation's name; empty for the installation's own keys. */
          organisation: z.string(),
          purpose: z.string(),
          active: count,
          retired: count,
          /** When the one in use was made. */
          since: time,
        }),
      ),
      rotation: rotation.optional(),
    }),
  },
  rotateKeys: {
    params: noParams,
    query: noQuery,
    body: z.object({
      what,
      /** Where the root key comes to; by default where it is. A passphrase or a key is taken into use and not kept. */
      to: z
        .union([
          z.object({ source: z.enum(['same', 'file', 'kms']) }).strict(),
          z.object({ source: z.literal('passphrase'), passphrase: z.string().min(1).max(1024) }).strict(),
          z.object({ source: z.literal('environment'), key: z.string().min(1).max(1024) }).strict(),
        ])
        .optional(),
    }),
    answer: begun,
  },
  undoKeys: { params: noParams, query: noQuery, body: z.object({}).optional(), answer: begun },
  finishKeys: { params: noParams, query: noQuery, body: z.object({}).optional(), answer: begun },
}
