import { type Result, ok, refuse } from '@headgate/model'
import type { z } from 'zod'
import type { RouteName } from './routes.ts'
import { type Input, schemas } from './schemas/index.ts'

/** The parts of a request before they are checked. */
export interface RawInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/**
 * The parts of a request checked against the shapes of its route. A refusal says where a part does not fit, and never
 * repeats a value of the request, which may be a secret.
 */
export function readInput<K extends RouteName>(name: K, raw: RawInput): Result<Input<K>> {
  const checked: Record<string, unknown> = {}
  const shapes: Readonly<Record<string, z.ZodType>> = schemas[name]
  for (const part of ['params', 'query', 'body'] as const) {
    const parsed = shapes[part]?.safeParse(raw[part])
    if (!parsed?.success) return refuse('REQUEST_INVALID', { reason: misfit(part, parsed?.error) })
    checked[part] = parsed.data
  }
  return ok(checked as unknown as Input<K>)
}

function misfit(part: string, error: z.ZodError | undefined): string {
  const issue = error?.issues[0]
  if (!issue) return `the ${part} cannot be read`
  return `${[part, ...issue.path.map(String)].join('.')}: ${issue.code === 'custom' ? 'not as expected' : issue.message}`
}
