import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { sharedFolder } from '../shared-folder.ts'

type Json = Record<string, unknown>

interface Operation {
  readonly responses?: Record<string, { content?: Record<string, { schema?: unknown }> }>
}

/** Routes of ours that the cut of the official document does not have. */
const UNLISTED = [/^POST \/api\/change-requests\//]

/** What the official document says of one answer. */
export interface Verdict {
  /** What is wrong, for people; undefined where the answer is as the document says. */
  readonly failure?: string
  /** Whether the document has a schema for it at all. */
  readonly checked: boolean
}

/** The official description of the protocol, by which every answer can be judged. */
export class ProtocolSchema {
  readonly #paths: readonly { readonly match: RegExp; readonly literal: number; readonly methods: Record<string, Operation> }[]
  readonly #ajv: Ajv
  readonly #known = new Map<string, ValidateFunction>()

  private constructor(document: { paths: Record<string, Record<string, Operation>>; components: { schemas: Json } }) {
    this.#ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
    this.#ajv.addSchema({ $id: 'protocol', components: { schemas: loosened(document.components.schemas) } })
    this.#paths = Object.entries(document.paths).map(([path, methods]) => ({
      match: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      literal: path.split('/').filter((part) => !part.startsWith('{')).length,
      methods,
    }))
  }

  /** The shared document, or undefined where this machine has none. */
  static load(): ProtocolSchema | undefined {
    const file = sharedFolder('pulumi-openapi/esc-and-stacks.json')
    return file === undefined ? undefined : new ProtocolSchema(JSON.parse(readFileSync(file, 'utf8')))
  }

  /** Judges an answer of a route; `body` is undefined where there is none. */
  judge(method: string, path: string, status: number, contentType: string, body: string): Verdict {
    const route = `${method} ${path}`
    if (UNLISTED.some((pattern) => pattern.test(route))) return { checked: false }
    const operation = this.#operation(method, path)
    if (!operation) return { checked: false, failure: status === 404 ? undefined : `${route} is not in the document` } as Verdict
    if (status >= 400) return judgeError(route, status, body)
    const [listed, response] = Object.entries(operation.responses ?? {}).find(([code]) => code.startsWith('2')) ?? []
    const schema = response?.content?.['application/json']?.schema
    if (schema === undefined) return { checked: contentType !== '' || Number(listed) === status }
    if (status === 204) return { checked: true }
    const validate = this.#validator(route, schema)
    if (validate(JSON.parse(body))) return { checked: true }
    return { checked: true, failure: `${route} ${status}: ${this.#ajv.errorsText(validate.errors)}` }
  }

  #operation(method: string, path: string): Operation | undefined {
    const found = this.#paths.filter(({ match, methods }) => match.test(path) && method.toLowerCase() in methods)
    return found.toSorted((a, b) => b.literal - a.literal)[0]?.methods[method.toLowerCase()]
  }

  #validator(route: string, schema: unknown): ValidateFunction {
    const key = JSON.stringify(schema)
    let validate = this.#known.get(key)
    if (!validate) this.#known.set(key, (validate = this.#ajv.compile(pointed(schema) as object)))
    return validate
  }
}

/** A refusal must say its status in its body: clients read it there. */
function judgeError(route: string, status: number, body: string): Verdict {
  const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown }
  if (code === status && typeof message === 'string' && message !== '') return { checked: true }
  return { checked: true, failure: `${route} ${status}: the body has no code ${status} or no message` }
}

/** Where the document says that a map holds objects it means anything at all. */
function anything(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(anything)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => {
    const loose = key === 'additionalProperties' && JSON.stringify(value) === '{"type":"object"}'
    return [key, loose ? {} : anything(value)]
  })
  return Object.fromEntries(entries)
}

/** References into the registered document. */
function pointed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(pointed)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === '$ref' ? String(value).replace('#/', 'protocol#/') : pointed(value)]),
  )
}

/**
 * The document writes `object` for whatever may be anything, and for a JSON Schema that may be `true`; the service itself
 * answers with scalars there. Everything else stands as it is.
 */
function loosened(schemas: Json): Json {
  const loose = JSON.parse(JSON.stringify(schemas)) as Record<string, Json>
  for (const name of Object.keys(loose)) if (name.startsWith('EscSchema')) loose[name] = {}
  for (const name of ['EscValue', 'EscExpr', 'EscPropertyAccessor', 'EscInterpolation']) {
    const properties = loose[name]?.['properties'] as Json | undefined
    for (const key of ['value', 'literal', 'const', 'key']) if (properties && key in properties) properties[key] = {}
  }
  return anything(pointed(loose)) as Json
}
