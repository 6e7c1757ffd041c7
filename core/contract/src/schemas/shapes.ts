import type { Diagnostic } from '@headgate/model'
import { z } from 'zod'

/** The parameters of every route about one environment. */
export const environmentParams = z.object({ organisation: z.string(), project: z.string(), environment: z.string() })

export const noParams = z.object({})
export const noQuery = z.object({})
export const noBody = z.undefined()

/** Milliseconds since 1970. */
export const time = z.number().int()

export const position = z.object({ line: z.number().int(), column: z.number().int(), byte: z.number().int() })
export const range = z.object({ file: z.string(), begin: position, end: position })
export const diagnostic: z.ZodType<Diagnostic> = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  range: range.optional(),
  path: z.string().optional(),
  hint: z.string().optional(),
}) as unknown as z.ZodType<Diagnostic>

/** What every refusal looks like. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  diagnostics: z.array(diagnostic).optional(),
  /** Found again in the server's log. */
  request: z.string(),
})

/** `project/environment` of an organisation at one revision. */
export const pinned = z.object({ organisation: z.string(), project: z.string(), environment: z.string(), revision: z.number().int() })
