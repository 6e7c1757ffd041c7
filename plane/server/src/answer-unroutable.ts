import { problemOf } from '@headgate/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './native/answer-errors.ts'
import { sendWireProblem } from './pulumi/wire-error.ts'

/** A path the router cannot read, or a name in it that is too long: refused like everything else, and not repeated. */
export function answerUnroutable(request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf('REQUEST_INVALID', { reason: 'its path cannot be read, or a name in it is too long' })
  const native = !/^\/+api\/+/.test(request.url) || /^\/+api\/+v1\//.test(request.url)
  void (native ? sendProblem(reply, problem) : sendWireProblem(reply, problem))
}
