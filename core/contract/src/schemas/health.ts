import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

const count = z.number().int().min(0)
/** From 0 to 1; null while nothing was counted. */
const share = z.number().min(0).max(1).nullable()
const nothing = { params: noParams, query: noQuery, body: noBody }

export const healthSchemas = {
  getHealth: { ...nothing, answer: z.object({ status: z.literal('ok'), version: z.string(), started: time, organisation: z.string() }) },
  getReadiness: { ...nothing, answer: z.object({ status: z.literal('ready') }) },
  getConfigurationStatus: {
    ...nothing,
    answer: z.object({
      status: z.literal('ok'),
      version: z.string(),
      started: time,
      organisation: z.string(),
      database: z.enum(['sqlite', 'postgresql']),
      environments: count,
      /** Opened values that are kept, sealed, in memory. */
      cache: z.object({ entries: count, bytes: count, hits: count, misses: count, hitRatio: share }),
      /** Clients that are told of changes. */
      connected: count,
    }),
  },
  getLanguageHealth: {
    ...nothing,
    answer: z.object({
      status: z.enum(['ok', 'degraded']),
      opened: count,
      failed: count,
      denied: count,
      /** Texts that were checked or saved since the start. */
      validation: z.object({ passed: count, failed: count, success: share }),
    }),
  },
  getSecretsHealth: {
    ...nothing,
    answer: z.object({
      status: z.enum(['ok', 'failed']),
      /** Whether a value sealed with today's keys opens again. */
      sealing: z.enum(['ok', 'failed']),
      /** `full` where the disk is, so that nothing can be put on record: then nothing is changed or handed out either. */
      audit: z.object({ recording: z.enum(['ok', 'full']), committed: count, commits: count, waiting: count, checkpoint: z.boolean() }),
    }),
  },
  readMetrics: { ...nothing, answer: z.string() },
}
