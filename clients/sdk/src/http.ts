/**
 * The typed client of the native API: browser too. One method, `call`, whose arguments and answer follow from the
 * route's name. Mistakes come back as values; only a bug throws.
 */
import type { Answer, Body, Params, ProblemAnswer, Query, RouteName } from '@headgate/contract'
import { type Route, routes } from '@headgate/contract/routes'
import { type ErrorCode, type Problem, type Result, type Secret, ok, problemOf } from '@headgate/model'

/** Where a plane is and who asks. The token never goes into a URL. */
export interface PlaneAddress {
  readonly url: string
  readonly token?: Secret
}

/** The parts a route takes; those it does not take may be left out. */
export type CallInput<K extends RouteName> = (string extends keyof Params<K> ? { params?: undefined } : { params: Params<K> }) & {
  readonly query?: Query<K>
} & (undefined extends Body<K> ? { body?: Body<K> } : { body: Body<K> })

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface PlaneClient {
  readonly url: string
  /** Calls a route with a JSON answer. */
  call<K extends RouteName>(route: K, input: CallInput<K>, options?: CallOptions): Promise<Result<Answer<K>>>
  /** Calls a route whose answer is bytes or lines, and hands out the response as it arrives. */
  stream<K extends RouteName>(route: K, input: CallInput<K>, options?: CallOptions): Promise<Result<ReadableStream<Uint8Array>>>
}

/** How long a plane may take to begin its answer, in milliseconds. */
const ANSWER_WITHIN = 30_000

/** A client of the plane at an address. Nothing is sent before the first call. */
export function createPlaneClient({ url, token }: PlaneAddress): PlaneClient {
  const origin = url.replace(/\/+$/, '')
  const send = async <K extends RouteName>(
    name: K,
    input: CallInput<K>,
    options: CallOptions,
    limit: AbortSignal | undefined,
  ): Promise<Result<Response>> => {
    const route: Route = routes[name]
    const target = origin + pathOf(route, input.params ?? {}) + queryOf(input.query ?? {})
    const signals = [options.signal, limit].filter((signal) => signal !== undefined)
    try {
      const response = await fetch(target, { ...requestOf(route, token, input.body), signal: AbortSignal.any(signals) })
      return response.ok ? ok(response) : { ok: false, problem: await problemOfResponse(response, origin) }
    } catch (cause) {
      options.signal?.throwIfAborted()
      return { ok: false, problem: problemOf('PLANE_UNREACHABLE', { url: origin, reason: reasonOf(cause) }) }
    }
  }
  return {
    url: origin,
    async call(name, input, options = {}) {
      // Bytes on their way take as long as they take; everything else is answered soon or not at all.
      const limit = (routes[name] as Route).body === 'bytes' ? undefined : AbortSignal.timeout(ANSWER_WITHIN)
      const response = await send(name, input, options, limit)
      if (!response.ok) return response
      try {
        return ok((await response.value.json()) as Answer<typeof name>)
      } catch (cause) {
        return { ok: false, problem: problemOf('ANSWER_UNREADABLE', { url: origin, reason: reasonOf(cause) }) }
      }
    },
    async stream(name, input, options = {}) {
      const response = await send(name, input, options, undefined)
      if (!response.ok) return response
      const body = response.value.body
      return body ? ok(body) : { ok: false, problem: problemOf('ANSWER_UNREADABLE', { url: origin, reason: 'the answer is empty' }) }
    },
  }
}

/** What is sent besides the address. A body of bytes goes out as it comes, everything else as JSON. */
function requestOf(route: Route, token: Secret | undefined, body: unknown): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token) headers['authorization'] = `Bearer ${token.reveal()}`
  const init: RequestInit = { method: route.method, headers, redirect: 'error' }
  if (body === undefined) return init
  headers['content-type'] = route.body === 'bytes' ? 'application/octet-stream' : 'application/json'
  // Node's fetch takes an async iterable, and `duplex` says that it may still be sent while the answer comes.
  if (route.body === 'bytes') return { ...init, body: body as ReadableStream, duplex: 'half' }
  return { ...init, body: JSON.stringify(body) }
}

function pathOf(route: Route, params: Record<string, string>): string {
  return route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

function queryOf(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`
}

/** The problem a plane answered with; anything else that answers with an error is no plane, and is said to be none. */
async function problemOfResponse(response: Response, url: string): Promise<Problem> {
  try {
    const { code, message, hint, details, diagnostics } = (await response.json()) as ProblemAnswer
    if (typeof code !== 'string' || typeof message !== 'string') throw new Error('no code')
    return {
      code: code as ErrorCode,
      message,
      details: details ?? {},
      ...(hint === undefined ? {} : { hint }),
      ...(diagnostics === undefined ? {} : { diagnostics }),
    }
  } catch {
    return problemOf('ANSWER_UNREADABLE', { url, reason: `status ${response.status}` })
  }
}

/** The innermost cause has the reason that helps: `fetch failed` alone says nothing. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN / 1000} s`
  const inner = cause.cause
  if (inner instanceof Error) return (inner as NodeJS.ErrnoException).code ?? inner.message
  return cause.message
}
