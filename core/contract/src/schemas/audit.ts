import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

export const auditSchemas = {
  listAudit: {
    params: noParams,
    query: z.object({
      /** Records behind this change; pages go on from the last of the page before. */
      after: z.coerce.number().int().optional(),
      limit: z.coerce.number().int().min(1).max(1000).optional(),
      actor: z.string().optional(),
      action: z.string().optional(),
      resource: z.string().optional(),
      since: z.coerce.number().int().optional(),
      until: z.coerce.number().int().optional(),
    }),
    body: noBody,
    answer: z.object({
      records: z.array(
        z.object({
          /** The number of the Change it was committed with; pages go on behind it. */
          change: z.number().int(),
          /** Its place in the Merkle log; null while it waits for one. */
          index: z.number().int().nullable(),
          time,
          actor: z.string(),
          action: z.string(),
          resource: z.string(),
          outcome: z.enum(['ok', 'denied', 'failed']),
          details: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  },
  verifyAudit: {
    params: noParams,
    query: noQuery,
    body: z.object({}).optional(),
    answer: z.object({
      ok: z.boolean(),
      /** Records in the log. */
      size: z.number().int(),
      root: z.string(),
      checkpoint: z.string().optional(),
      /** How many of what was looked at. */
      checked: z.record(z.string(), z.number().int()),
      findings: z.array(
        z.object({
          code: z.string(),
          message: z.string(),
          table: z.string().optional(),
          key: z.string().optional(),
          change: z.number().int().optional(),
        }),
      ),
      seconds: z.number(),
    }),
  },
  createBackup: {
    params: noParams,
    query: noQuery,
    /** Sealed for age recipients (`age1…`), or under a passphrase; exactly one of the two. */
    body: z.union([z.object({ recipients: z.array(z.string()).min(1) }).strict(), z.object({ passphrase: z.string().min(1) }).strict()]),
    answer: z.custom<ReadableStream<Uint8Array>>(),
  },
}
