import { type Diagnostic, type Problem, errorEntry } from '@headgate/model'
import type { FastifyReply } from 'fastify'

/** Mistakes in a text are a bad request in this protocol, whichever use case found them. */
const STATUS: Readonly<Record<string, number>> = { OPEN_FAILED: 400, ROTATE_FAILED: 400, HANDLE_FOREIGN: 400 }
/** What clients look for in a message. */
const WORDS: Readonly<Record<string, string>> = { ENV_EXISTS: 'already exists: ' }

/** A refusal in the protocol's shape. `code` repeats the status, because clients read it there. */
export function sendWireProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const status = STATUS[problem.code] ?? errorEntry(problem.code).status
  const body = {
    code: status,
    message: `${WORDS[problem.code] ?? ''}${status === 400 && problem.diagnostics ? 'Bad Request: ' : ''}${problem.message}`,
    ...(problem.diagnostics ? { diagnostics: problem.diagnostics.map(wireDiagnostic) } : {}),
  }
  void reply.header('x-pulumi-request-id', reply.request.id)
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** A mistake as clients show it, at its place. */
export function wireDiagnostic({ severity, message, range, path }: Diagnostic) {
  const place = range ? { range: { environment: range.file, begin: range.begin, end: range.end } } : {}
  return { ...place, summary: message, severity, ...(path === undefined ? {} : { path }) }
}
