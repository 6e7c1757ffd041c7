import { type Route, type RouteName, openApiDocument, routes } from '@headgate/contract'

/** As much of JSON Schema as the contract's shapes come to. */
interface Shape {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly minItems?: number
  readonly minimum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly propertyNames?: Shape
}

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Shape }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Shape }>> }
}

const document = openApiDocument('test') as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

/** A route as the served document describes it. */
function operationOf(name: RouteName): Operation {
  const { path, method } = routes[name]
  const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  if (!operation) throw new Error(`the document has no ${name}`)
  return operation
}

function bodyShape(name: RouteName): Shape | undefined {
  if ((routes[name] as Route).body === 'bytes') return undefined
  return Object.values(operationOf(name).requestBody?.content ?? {})[0]?.schema
}

/** The smallest value that fits a shape, so that a refusal is of something else than the shape. */
function fitting(shape: Shape): unknown {
  if (shape.const !== undefined) return shape.const
  if (shape.enum) return shape.enum[0]
  const [first] = shape.anyOf ?? shape.oneOf ?? []
  if (first) return fitting(first)
  switch (shape.type) {
    case 'object':
      return Object.fromEntries((shape.required ?? []).map((key) => [key, fitting(shape.properties?.[key] ?? {})]))
    case 'array':
      return Array.from({ length: shape.minItems ?? 0 }, () => fitting(shape.items ?? {}))
    case 'string':
      return text(shape)
    case 'integer':
    case 'number':
      return Math.max(1, shape.minimum ?? 1)
    case 'boolean':
      return true
    default:
      return 'x'
  }
}

function text({ pattern, minLength = 1 }: Shape): string {
  const candidates = ['x'.repeat(minLength), '0'.repeat(64), 'https://example.org', '1']
  return candidates.find((candidate) => pattern === undefined || new RegExp(pattern, 'u').test(candidate)) ?? 'x'
}

/** A body that fits a route, or undefined where it takes none. */
export function fittingBody(name: RouteName): unknown {
  const shape = bodyShape(name)
  return shape && fitting(shape)
}

/** Bodies that do not fit: every property of another type, or left out where it is needed; and texts that are no JSON. */
export function misfits(name: RouteName): string[] {
  const shape = bodyShape(name)
  if (shape === undefined) return []
  const broken = ['{"made-up-secret', '"made-up-secret"', '["made-up-secret"]', '\u0000', '{"__proto__":{"made-up-secret":1}}']
  const objects = [shape, ...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].filter(({ type }) => type === 'object')
  return [...broken, ...objects.flatMap(wrongObjects)]
}

function wrongObjects(shape: Shape): string[] {
  const whole = fitting(shape) as Record<string, unknown>
  const wrong = Object.entries(shape.properties ?? {}).flatMap(([key, { type }]) =>
    [{ 'made-up-secret': [] }, [{ a: 1 }], 'made-up-secret', -1.5, null, true]
      .filter((value) => typeof value !== (type ?? 'object'))
      .map((value) => ({ ...whole, [key]: value })),
  )
  const short = (shape.required ?? []).map((key) => Object.fromEntries(Object.entries(whole).filter(([other]) => other !== key)))
  return [...wrong, ...short].map((body) => JSON.stringify(body))
}

/** A path that names things that are not there, in segments that fit; `fill` puts another text in each place. */
export function pathOf(name: RouteName, fill?: string): string {
  const known: Readonly<Record<string, string>> = { organisation: 'main', project: 'shop', environment: 'dev' }
  const shapes = new Map(operationOf(name).parameters.map(({ name: parameter, schema }) => [parameter, schema]))
  return routes[name].path.replaceAll(/:(\w+)/g, (_, parameter: string) =>
    encodeURIComponent(fill ?? known[parameter] ?? String(fitting(shapes.get(parameter) ?? {}))),
  )
}
