import { gunzipSync } from 'node:zlib'
import { DOCUMENT_LIMIT } from '@headgate/contract'
import { HeadgateError, type Result, Secret, ok, problemOf, refuse } from '@headgate/model'
import type { Caller, Operations } from '@headgate/operations'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { routeUnknown, sendProblem } from '../native/answer-errors.ts'
import { accountRoutes } from './account-routes.ts'
import { changeRequestRoutes } from './change-request-routes.ts'
import { draftRoutes } from './draft-routes.ts'
import { environmentRoutes } from './environment-routes.ts'
import { openRoutes } from './open-routes.ts'
import { organisationRoutes } from './organisation-routes.ts'
import { rotationRoutes } from './rotation-routes.ts'
import { tagRoutes } from './tag-routes.ts'
import { tokenRoutes } from './token-routes.ts'
import { versionRoutes } from './version-routes.ts'
import { webhookRoutes } from './webhook-routes.ts'
import { sendWireProblem } from './wire-error.ts'
import { type WireAnswer, type WireRoute, askAs } from './wire-route.ts'

/** Every route of the protocol that is spoken here. */
export const wireRoutes: readonly WireRoute[] = [
  ...accountRoutes,
  ...tokenRoutes,
  ...organisationRoutes,
  ...environmentRoutes,
  ...versionRoutes,
  ...tagRoutes,
  ...openRoutes,
  ...draftRoutes,
  ...changeRequestRoutes,
  ...rotationRoutes,
  ...webhookRoutes,
]

/** A text with its JSON escapes and the rest of the request. */
const BODY_LIMIT = 2 * DOCUMENT_LIMIT + 64 * 1024

/**
 * The Pulumi protocol: each request becomes calls of the same use cases as the native API, so it is signed in, decided
 * and recorded the same way. Bodies are read by route; what the client calls them does not matter.
 */
export function registerPulumiRoutes(app: FastifyInstance, operations: Operations, log: Logger): void {
  void app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      for (const route of wireRoutes) registerRoute(scope, operations, route)
      scope.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, log))
      scope.setNotFoundHandler((request, reply) => sendRouteUnknown(request, reply))
    },
    { prefix: '/api' },
  )
}

/** What begins as the native API does is answered as it would. */
function sendRouteUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = routeUnknown(request)
  return request.url.startsWith('/api/v1/') ? sendProblem(reply, problem) : sendWireProblem(reply, problem)
}

function registerRoute(app: FastifyInstance, operations: Operations, route: WireRoute): void {
  const callers = new WeakMap<FastifyRequest, Caller>()
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: BODY_LIMIT,
    // Who asks is known before a byte of the body is read.
    onRequest: async (request, reply) => {
      if (route.open) return undefined
      const caller = await operations.authenticate(tokenOf(request), { request: request.id, address: request.ip })
      if (!caller.ok) return sendWireProblem(reply, caller.problem)
      callers.set(request, caller.value)
      return undefined
    },
    handler: async (request, reply) => {
      const body = bodyOf(request)
      if (!body.ok) return sendWireProblem(reply, body.problem)
      const ask = askAs(operations, callers.get(request), { request: request.id, address: request.ip })
      const params = request.params as Record<string, string>
      const answer = await route.answer({ params, query: queryOf(request), body: body.value, headers: request.headers, ask })
      return answer.ok ? sendAnswer(reply, answer.value) : sendWireProblem(reply, answer.problem)
    },
  })
}

/** Clients of the protocol write `token`; the native spelling is understood as well. */
function tokenOf(request: FastifyRequest): Secret | undefined {
  const match = /^(?:token|bearer) +(\S+)$/i.exec(request.headers.authorization ?? '')
  return match?.[1] === undefined ? undefined : new Secret(match[1])
}

function bodyOf(request: FastifyRequest): Result<Buffer> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  if (request.headers['content-encoding'] !== 'gzip' || body.length === 0) return ok(body)
  try {
    return ok(gunzipSync(body, { maxOutputLength: BODY_LIMIT }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return refuse('BODY_TOO_LARGE', { limit: BODY_LIMIT })
    return refuse('REQUEST_INVALID', { reason: 'the body is not what its content-encoding says' })
  }
}

function queryOf(request: FastifyRequest): Record<string, string> {
  const entries = Object.entries(request.query as Record<string, unknown>)
  return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value]] : [])))
}

function sendAnswer(reply: FastifyReply, answer: WireAnswer): FastifyReply {
  void reply.code(answer.status).headers(answer.headers ?? {})
  if (answer.text !== undefined) return reply.type('application/x-yaml').send(answer.text)
  if (answer.status === 204) return reply.send()
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.json))
}

/** As everywhere: a bug's own words go to the log and never to the client. */
function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  // Nobody takes a body there, so whatever is wrong with it comes second.
  if (request.is404 && error.statusCode !== undefined && error.statusCode < 500) return sendRouteUnknown(request, reply)
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return sendWireProblem(reply, problemOf('BODY_TOO_LARGE', { limit: BODY_LIMIT }))
  if (error instanceof HeadgateError) {
    log.error({ request: request.id, code: error.code, details: error.problem.details }, error.message)
    return sendWireProblem(reply, error.problem)
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return sendWireProblem(reply, problemOf('REQUEST_INVALID', { reason: error.code }))
  }
  log.error({ request: request.id, name: error.name, stack: error.stack?.split('\n').slice(1, 8).join('\n') }, 'bug: a use case threw')
  return sendWireProblem(reply, problemOf('INTERNAL', { request: request.id }))
}
