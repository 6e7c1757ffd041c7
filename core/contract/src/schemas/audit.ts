import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

/** A record with all it takes to check it elsewhere; bytes as base64. */
const writtenRecord = z.object({
  leaf: z.number().int(),
  change: z.number().int(),
  time,
  organisation: z.string().nullable(),
  actor: z.string().nullable(),
  actor_name: z.string(),
  action: z.string(),
  resource: z.string(),
  outcome: z.string(),
  digest: z.string(),
  salt: z.string().optional(),
  content: z.unknown().optional(),
})

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
    /** A checkpoint that was kept elsewhere: the log must still begin with what it says. */
    body: z.object({ checkpoint: z.string().optional() }).optional(),
    answer: z.object({
      ok: z.boolean(),
      /** Records in the log. */
      size: z.number().int(),
      root: z.string(),
      checkpoint: z.string().optional(),
      /** Whether a checkpoint from outside the data was there to hold the log against; without one a rollback cannot be seen. */
      anchored: z.boolean(),
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
      /** How many there are; at most 1,000 are listed. */
      found: z.number().int(),
      seconds: z.number(),
    }),
  },
  getCheckpoint: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      /** `name+hash+key`, as C2SP tools take it. */
      verifierKey: z.string(),
      /** A C2SP checkpoint in a signed note. */
      checkpoint: z.string().optional(),
    }),
  },
  proveRecord: {
    params: z.object({ change: z.coerce.number().int().min(1) }),
    query: noQuery,
    body: noBody,
    answer: z.object({ kind: z.literal('inclusion'), record: writtenRecord, hashes: z.array(z.string()), checkpoint: z.string() }),
  },
  proveGrowth: {
    params: noParams,
    query: noQuery,
    body: z.object({ checkpoint: z.string() }),
    answer: z.object({ kind: z.literal('consistency'), older: z.string(), hashes: z.array(z.string()), checkpoint: z.string() }),
  },
  exportAudit: {
    params: noParams,
    query: z.object({
      format: z.enum(['jsonl', 'ocsf']).optional(),
      since: z.coerce.number().int().optional(),
      until: z.coerce.number().int().optional(),
    }),
    body: noBody,
    answer: z.custom<AsyncIterable<unknown>>(),
  },
  pruneAudit: {
    params: noParams,
    query: noQuery,
    /** Nothing younger than the plane's retention goes, whatever is asked for. */
    body: z.object({ before: time.optional() }).optional(),
    answer: z.object({ records: z.number().int(), first: z.number().int(), before: time }),
  },
  createBackup: {
    params: noParams,
    query: noQuery,
    /** Sealed for age recipients (`age1…`), or under a passphrase; exactly one of the two. */
    body: z.union([z.object({ recipients: z.array(z.string()).min(1) }).strict(), z.object({ passphrase: z.string().min(1) }).strict()]),
    answer: z.custom<ReadableStream<Uint8Array>>(),
  },
}
