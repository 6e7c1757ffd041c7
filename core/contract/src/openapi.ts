import { type ErrorCode, errorEntry } from '@headgate/model'
import { z } from 'zod'
import { type Route, type RouteName, errorsOf, routes } from './routes.ts'
import { problem, schemas } from './schemas/index.ts'

type Json = Record<string, unknown>

/** The native API as an OpenAPI 3.1 document, made from the same data that the server is made from. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name]
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Headgate', version, description: 'Environments, secrets, configuration and releases' },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: jsonSchema(problem) },
    },
  }
}

function operation(name: RouteName, route: Route): Json {
  const { params, query, body, answer } = schemas[name]
  const bodySchema = jsonSchema(body)
  return {
    operationId: name,
    summary: route.summary,
    security: route.permission === 'public' ? [] : [{ token: [] }],
    'x-permission': route.permission,
    'x-audit': typeof route.audit === 'string' ? route.audit : undefined,
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(bodySchema === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: bodySchema } } } }),
    responses: {
      '200': { description: route.summary, content: answerContent(route, answer) },
      ...problems(route),
    },
  }
}

function answerContent(route: Route, answer: z.ZodType): Json {
  if (route.answer === 'bytes') return { 'application/octet-stream': {} }
  if (route.answer === 'text') return { 'text/plain': {} }
  if (route.answer === 'lines') return { 'application/x-ndjson': { schema: jsonSchema(answer) ?? {} } }
  return { 'application/json': { schema: jsonSchema(answer) ?? {} } }
}

/** Parameters of an object schema, one by one as OpenAPI wants them. */
function parameters(schema: z.ZodType, where: 'path' | 'query'): Json[] {
  const object = jsonSchema(schema) as { properties?: Record<string, Json>; required?: string[] } | undefined
  return Object.entries(object?.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (object?.required ?? []).includes(name),
    schema: property,
  }))
}

/** The refusals of a route, one entry a status with its codes. */
function problems(route: Route): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errorsOf(route)) {
    const { status } = errorEntry(code)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [String(status), { description: [...new Set(codes)].join(', '), content }]),
  )
}

/** The input side of a schema as JSON Schema, or undefined where nothing is expected. */
function jsonSchema(schema: z.ZodType): Json | undefined {
  if (schema instanceof z.ZodUndefined) return undefined
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
  return rest
}
