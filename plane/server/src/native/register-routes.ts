import { Readable } from 'node:stream'
import { DEFAULT_BODY_LIMIT, type Route, type RouteName, openApiDocument, readInput, routes } from '@headgate/contract'
import { type Result, Secret, ok, refuse } from '@headgate/model'
import { type Caller, type Operations, Rendered } from '@headgate/operations'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './answer-errors.ts'

/** Serves every route of the contract, and the contract itself as OpenAPI. */
export function registerRoutes(app: FastifyInstance, operations: Operations, version: string): void {
  const names = Object.keys(routes) as RouteName[]
  const takesBytes = (name: RouteName): boolean => (routes[name] as Route).body === 'bytes'
  // The body is read by what the route expects, whatever the client calls it.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    for (const name of names.filter((candidate) => !takesBytes(candidate))) registerRoute(scope, operations, name)
  })
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const name of names.filter(takesBytes)) registerRoute(scope, operations, name)
  })
  const document = openApiDocument(version)
  app.get('/api/v1/openapi.json', (_request, reply) => reply.send(document))
}

function registerRoute(app: FastifyInstance, operations: Operations, name: RouteName): void {
  const route: Route = routes[name]
  const callers = new WeakMap<FastifyRequest, Caller>()
  // Who asks is known before a byte of the body is read.
  const identify = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await operations.authenticate(tokenOf(request), { request: request.id, address: request.ip })
    if (!caller.ok) return sendProblem(reply, caller.problem)
    callers.set(request, caller.value)
    return undefined
  }
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimit ?? DEFAULT_BODY_LIMIT,
    ...(route.permission === 'public' ? {} : { onRequest: identify }),
    handler: async (request, reply) => {
      const body = readBody(route, request.body)
      const input = body.ok ? readInput(name, { params: request.params, query: request.query, body: body.value }) : body
      if (!input.ok) return sendProblem(reply, input.problem)
      const result = await operations.answer(name, callers.get(request), input.value, { request: request.id, address: request.ip })
      return result.ok ? sendAnswer(route, reply, result.value) : sendProblem(reply, result.problem)
    },
  })
}

function tokenOf(request: FastifyRequest): Secret | undefined {
  const header = request.headers.authorization
  const match = header === undefined ? null : /^Bearer +(\S+)$/i.exec(header)
  return match?.[1] === undefined ? undefined : new Secret(match[1])
}

function readBody(route: Route, body: unknown): Result<unknown> {
  if (route.body === 'bytes') return ok(body ?? Readable.from([]))
  if (!Buffer.isBuffer(body) || body.length === 0) return ok(undefined)
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch {
    // The parser's own words quote the body, which may hold a secret.
    return refuse('REQUEST_INVALID', { reason: 'the body is not JSON in UTF-8' })
  }
}

function sendAnswer(route: Route, reply: FastifyReply, answer: unknown): FastifyReply {
  if (route.answer === 'bytes') return reply.type('application/octet-stream').send(Readable.from(answer as AsyncIterable<Uint8Array>))
  if (route.answer === 'text') return reply.type('text/plain; charset=utf-8').send(answer)
  if (route.answer === 'lines') return reply.type('application/x-ndjson').send(Readable.from(lines(answer as AsyncIterable<unknown>)))
  return reply.type('application/json; charset=utf-8').send(answer instanceof Rendered ? answer.json : JSON.stringify(answer))
}

async function* lines(events: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`
}
