import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

export const sessionSchemas = {
  getHealth: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({ status: z.literal('ok'), version: z.string(), started: time, organisation: z.string() }),
  },
  getSession: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      organisation: z.string(),
      user: z.string(),
      kind: z.enum(['user', 'machine']),
      roles: z.array(z.string()),
      token: z.object({ name: z.string(), expires: time.optional() }),
    }),
  },
}
