import type { ErrorCode } from '@headgate/model'
import type { Permission } from '@headgate/model/access'

/**
 * One route of the native API, as data. A route that does not say who may use it, what it leaves in the audit log and
 * how it can fail does not compile.
 */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Path below the origin; `:name` is a parameter of one segment. */
  readonly path: string
  readonly summary: string
  /** `public` needs no token, `any` only a valid one; the rest is decided on the route's resource. */
  readonly permission: Permission | 'public' | 'any'
  /** What the permission is decided on; the parameters of that name are taken from the path. */
  readonly on: 'nothing' | 'organisation' | 'environment'
  /**
   * The action under which it stands in the audit log, or why it leaves no record. Only what shows no secret and
   * changes nothing may leave none.
   */
  readonly audit: string | { readonly none: string }
  /** How much of the space kept for a full disk its record may take; absent: none, and the route is refused then. */
  readonly whenFull?: 'half' | 'all'
  /** Beyond those every route can answer with (`commonErrors`). */
  readonly errors: readonly ErrorCode[]
  /** How the answer travels: one JSON document, a text, a stream of bytes, or a stream of JSON lines. */
  readonly answer?: 'json' | 'text' | 'bytes' | 'lines'
  /** What the request body is: one JSON document (the default) or bytes. */
  readonly body?: 'json' | 'bytes'
  /** `keeper`: only the node that keeps the route's target can answer; every other one passes the request on to it. */
  readonly answeredBy?: 'keeper'
  /** Largest request body in bytes; the default fits every JSON request but those that carry documents. */
  readonly bodyLimit?: number
}

export function defineRoutes<const T extends Record<string, Route>>(routes: T): T {
  return routes
}

/** What any route can answer with, so it is not repeated in each. */
export const commonErrors = [
  'REQUEST_INVALID',
  'BODY_TOO_LARGE',
  'TOKEN_MISSING',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
  'PERMISSION_DENIED',
  'STORE_FULL',
  'INTERNAL',
] as const satisfies readonly ErrorCode[]

/** What of these needs no token to happen. */
const anybodysErrors = ['REQUEST_INVALID', 'BODY_TOO_LARGE', 'STORE_FULL', 'INTERNAL'] as const satisfies readonly ErrorCode[]

/** What can go wrong on the way to the node that keeps a target. What changes nothing leaves nothing uncertain. */
function hopErrorsOf({ method }: Route): readonly ErrorCode[] {
  return method === 'GET' ? ['NODE_UNREACHABLE'] : ['NODE_UNREACHABLE', 'NODE_UNCERTAIN']
}

/** Every code a route can answer with, its own and those of all. What somebody may not know of is not found. */
export function errorsOf(route: Route): readonly ErrorCode[] {
  if (route.permission === 'public') return [...new Set([...route.errors, ...anybodysErrors])]
  const passedOn = route.answeredBy === 'keeper' ? hopErrorsOf(route) : []
  return [...new Set([...route.errors, ...passedOn, ...(route.on === 'environment' ? (['ENV_NOT_FOUND'] as const) : []), ...commonErrors])]
}

/** Largest text of one environment, in bytes. */
export const DOCUMENT_LIMIT = 1024 * 1024
/** Largest JSON body of a route that carries no document. */
export const DEFAULT_BODY_LIMIT = 64 * 1024
