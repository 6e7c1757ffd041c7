import { z } from 'zod'
import { noBody, noParams, noQuery, time } from './shapes.ts'

export const sessionSchemas = {
  getSession: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      organisation: z.string(),
      /** Every organisation the caller can work in. */
      organisations: z.array(z.string()),
      user: z.string(),
      kind: z.enum(['user', 'machine']),
      roles: z.array(z.string()),
      token: z.object({ name: z.string(), expires: time.optional() }),
    }),
  },
}
