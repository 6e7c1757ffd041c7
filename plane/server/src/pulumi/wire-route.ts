import { type RouteName, readInput } from '@headgate/contract'
import type { Answer } from '@headgate/contract'
import { type Result, ok, refuse } from '@headgate/model'
import type { Caller, Operations, RequestOrigin } from '@headgate/operations'

/** A request of the protocol: its body as bytes, because every route reads it its own way. */
export interface WireRequest {
  readonly params: Readonly<Record<string, string>>
  /** Empty values count as absent. */
  readonly query: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Runs a use case by its native route; what is given is checked against its shapes first. */
  readonly ask: Ask
}

export type Ask = <K extends RouteName>(
  route: K,
  parts?: { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown },
) => Promise<Result<Answer<K>>>

/** What a route answers: JSON, a text, or nothing (204). */
export interface WireAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
}

export interface WireRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: string
  /** Answered without a token. */
  readonly open?: true
  readonly answer: (request: WireRequest) => Promise<Result<WireAnswer>>
}

/** How the use cases are asked on behalf of one caller. */
export function askAs(operations: Operations, caller: Caller | undefined, origin: RequestOrigin): Ask {
  return async (route, { params = {}, query = {}, body } = {}) => {
    const input = readInput(route, { params, query, body })
    return input.ok ? operations.call(route, caller, input.value, origin) : input
  }
}

export function json(value: unknown, status = 200): Result<WireAnswer> {
  return ok({ status, json: value })
}

export const nothing: Result<WireAnswer> = ok({ status: 204 })

/** What is made of an answer, where there is one. */
export function answerWith<T>(result: Result<T>, make: (value: T) => Result<WireAnswer>): Result<WireAnswer> {
  return result.ok ? make(result.value) : result
}

/** The environment a path names. */
export function nameOf({ params }: Pick<WireRequest, 'params'>) {
  return { organisation: params['org'] ?? '', project: params['project'] ?? '', environment: params['env'] ?? '' }
}

/** The body as text. */
export function textOf({ body }: Pick<WireRequest, 'body'>): Result<string> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    return refuse('REQUEST_INVALID', { reason: 'the body is not UTF-8' })
  }
}

/** The body as a JSON object; none at all is an empty one. Its words are never repeated: they may be secrets. */
export function objectOf(request: Pick<WireRequest, 'body'>): Result<Readonly<Record<string, unknown>>> {
  const text = textOf(request)
  if (!text.ok) return text
  if (text.value.trim() === '') return ok({})
  try {
    const value: unknown = JSON.parse(text.value)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok(value as Record<string, unknown>)
  } catch {
    // Answered below, without the parser's words, which quote the body.
  }
  return refuse('REQUEST_INVALID', { reason: 'the body is not a JSON object' })
}

/** A whole number of the query; absent, empty and 0 are undefined. */
export function numberOf(query: WireRequest['query'], name: string): Result<number | undefined> {
  const text = query[name]
  if (text === undefined || /^0+$/.test(text)) return ok(undefined)
  if (/^[0-9]{1,15}$/.test(text)) return ok(Number(text))
  return refuse('REQUEST_INVALID', { reason: `query.${name}: not a whole number` })
}

/** Without the entries that are undefined, so that a shape sees them as absent. */
export function present(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== null))
}

/** A time as the protocol writes it. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
