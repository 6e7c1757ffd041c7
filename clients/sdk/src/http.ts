/**
 * The typed client of the native API: browser too. One method, `call`, whose arguments and answer follow from the
 * route's name. Mistakes come back as values; only a bug throws.
 */
import type { Answer, Body, Params, ProblemAnswer, Query, RouteName } from '@headgate/contract'
import { type Route, routes } from '@headgate/contract/routes'
import { type ErrorCode, type Problem, type Result, type Secret, ok, problemOf, refuse } from '@headgate/model'
import { NO_TOKEN, isToken } from './token.ts'

// What a token is given in, for those who import nothing else of ours.
export { Secret } from '@headgate/model'
export { NO_TOKEN, isToken } from './token.ts'

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
  /**
   * Whether a number that JavaScript cannot hold keeps its digits: it is then an object that `JSON.stringify` writes as it
   * came (`JSON.rawJSON`), and no number to reckon with. Without it, such a number is rounded.
   */
  readonly exactNumbers?: boolean
}

/** A request as it leaves. */
export interface SentRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** The part of an answer that is read. */
export interface Reply {
  readonly status: number
  readonly ok: boolean
  text(): Promise<string>
}

/** What carries requests with JSON; `fetch` unless said otherwise. */
export type Transport = (url: string, request: SentRequest, signal: AbortSignal | undefined) => Promise<Reply>

export interface PlaneClient {
  readonly url: string
  /** Calls a route with a JSON answer. */
  call<K extends RouteName>(route: K, input: CallInput<K>, options?: CallOptions): Promise<Result<Answer<K>>>
  /** Calls a route whose answer is bytes or lines, and hands out the response as it arrives. */
  stream<K extends RouteName>(route: K, input: CallInput<K>, options?: CallOptions): Promise<Result<ReadableStream<Uint8Array>>>
}

/** How long a plane may take to begin its answer, in milliseconds. */
const ANSWER_WITHIN = 30_000

const fetchTransport: Transport = (url, request, signal) => fetch(url, { ...request, redirect: 'manual', ...(signal ? { signal } : {}) })

/** A client of the plane at an address. Nothing is sent before the first call. */
export function createPlaneClient({ url, token }: PlaneAddress, transport: Transport = fetchTransport): PlaneClient {
  const origin = url.replace(/\/+$/, '')
  const refused = token && !isToken(token.reveal().trim()) && refuse('CONFIG_SETTING_INVALID', { name: 'the token', reason: NO_TOKEN })
  const targetOf = (route: Route, input: { readonly params?: object | undefined; readonly query?: object }): string =>
    origin + pathOf(route, (input.params ?? {}) as Record<string, string>) + queryOf((input.query ?? {}) as Record<string, unknown>)
  const unreachable = (cause: unknown, options: CallOptions): { ok: false; problem: Problem } => {
    options.signal?.throwIfAborted()
    return { ok: false, problem: problemOf('PLANE_UNREACHABLE', { url: origin, reason: reasonOf(cause) }) }
  }
  /** Bytes go out and come in as they are, and take as long as they take; only `fetch` does that. */
  const exchangeBytes = async (route: Route, input: CallInput<RouteName>, options: CallOptions): Promise<Result<Response>> => {
    try {
      const sent = { ...headOf(route, token, input.body), ...bytesOf(route, input.body), redirect: 'manual' as const }
      const response = await fetch(targetOf(route, input), options.signal ? { ...sent, signal: options.signal } : sent)
      return response.ok ? ok(response) : { ok: false, problem: await problemOfReply(response, origin) }
    } catch (cause) {
      return unreachable(cause, options)
    }
  }
  const exchange = async (route: Route, input: CallInput<RouteName>, options: CallOptions): Promise<Result<Reply>> => {
    const limit = AbortSignal.timeout(ANSWER_WITHIN)
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit
    try {
      const sent = headOf(route, token, input.body)
      const body = input.body === undefined ? {} : { body: JSON.stringify(input.body) }
      const reply = await transport(targetOf(route, input), { ...sent, ...body }, signal)
      return reply.ok ? ok(reply) : { ok: false, problem: await problemOfReply(reply, origin) }
    } catch (cause) {
      return unreachable(cause, options)
    }
  }
  return {
    url: origin,
    async call(name, input, options = {}) {
      if (refused) return refused
      const route: Route = routes[name]
      const given = input as unknown as CallInput<RouteName>
      const reply = route.body === 'bytes' ? await exchangeBytes(route, given, options) : await exchange(route, given, options)
      if (!reply.ok) return reply
      let text: string
      try {
        text = await reply.value.text()
      } catch (cause) {
        return unreachable(cause, options)
      }
      return answerIn(text, origin, options) as Result<Answer<typeof name>>
    },
    async stream(name, input, options = {}) {
      if (refused) return refused
      const response = await exchangeBytes(routes[name], input as unknown as CallInput<RouteName>, options)
      if (!response.ok) return response
      const body = response.value.body
      return body ? ok(body) : { ok: false, problem: problemOf('ANSWER_UNREADABLE', { url: origin, reason: 'the answer is empty' }) }
    },
  }
}

function answerIn(text: string, url: string, { exactNumbers }: CallOptions): Result<unknown> {
  try {
    return ok(exactNumbers ? JSON.parse(text, keepDigits) : JSON.parse(text))
  } catch {
    // The error's own words repeat a piece of the answer, in which a secret may be.
    return refuse('ANSWER_UNREADABLE', { url, reason: 'the answer is no JSON' })
  }
}

/** A number that another one would be written as stays as it came. What the third argument is, TypeScript's library does not know yet. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined || String(value) === context.source) return value
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(context.source)
}

function headOf(route: Route, token: Secret | undefined, body: unknown): SentRequest {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token) headers['authorization'] = `Bearer ${token.reveal().trim()}`
  if (body !== undefined) headers['content-type'] = route.body === 'bytes' ? 'application/octet-stream' : 'application/json'
  return { method: route.method, headers }
}

/** A body of bytes goes out as it comes, any other as JSON. */
function bytesOf(route: Route, body: unknown): RequestInit {
  if (body === undefined) return {}
  // Node's fetch takes an async iterable, and `duplex` says that it may still be sent while the answer comes.
  return route.body === 'bytes' ? { body: body as ReadableStream, duplex: 'half' } : { body: JSON.stringify(body) }
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
async function problemOfReply(reply: Reply, url: string): Promise<Problem> {
  try {
    const { code, message, hint, details, diagnostics } = JSON.parse(await reply.text()) as ProblemAnswer
    if (typeof code !== 'string' || typeof message !== 'string') throw new Error('no code')
    return {
      code: code as ErrorCode,
      message,
      details: details ?? {},
      ...(hint === undefined ? {} : { hint }),
      ...(diagnostics === undefined ? {} : { diagnostics }),
    }
  } catch {
    const { status } = reply
    // A browser says 0 of an answer that sends elsewhere.
    const elsewhere = status === 0 || (status >= 300 && status < 400)
    const reason = elsewhere
      ? `it sends elsewhere, and a token is not sent there: give that address (status ${status})`
      : `status ${status}`
    return problemOf('ANSWER_UNREADABLE', { url, reason })
  }
}

/** The innermost cause has the reason that helps: `fetch failed` alone says nothing. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause instanceof Error ? cause.cause : undefined
  // While the answer is being read, the limit comes wrapped.
  if (cause.name === 'TimeoutError' || inner?.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN / 1000} s`
  const { code, message } = (inner ?? cause) as NodeJS.ErrnoException
  return code ?? message
}
