import { HeadgateError, type Problem, errorEntry, problemOf } from '@headgate/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

/** A refusal as every client gets it: the problem, and the request id to find it in the log by. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status } = errorEntry(problem.code)
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ ...problem, request: reply.request.id }))
}

export function routeUnknown({ method, url }: Pick<FastifyRequest, 'method' | 'url'>): Problem {
  return problemOf('ROUTE_UNKNOWN', { method, path: url.split('?')[0] ?? '' })
}

/**
 * What is left when a request fails outside its use case: unknown paths, bodies too large, broken surroundings, bugs.
 * A bug's own words go to the log and never to the client.
 */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) => sendProblem(reply, routeUnknown(request)))
  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, request, reply) => {
    // Nobody takes a body there, so whatever is wrong with it comes second.
    if (request.is404 && error.statusCode !== undefined && error.statusCode < 500) return sendProblem(reply, routeUnknown(request))
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return sendProblem(reply, problemOf('BODY_TOO_LARGE', { limit: request.routeOptions.bodyLimit ?? 0 }))
    }
    if (error instanceof HeadgateError) {
      log.error({ request: request.id, code: error.code, details: error.problem.details }, error.message)
      return sendProblem(reply, error.problem)
    }
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return sendProblem(reply, problemOf('REQUEST_INVALID', { reason: error.code ?? 'it cannot be read' }))
    }
    log.error({ request: request.id, name: error.name, stack: error.stack?.split('\n').slice(1, 8).join('\n') }, 'bug: a use case threw')
    return sendProblem(reply, problemOf('INTERNAL', { request: request.id }))
  })
}
