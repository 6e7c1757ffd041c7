import { ALWAYS } from '../schema/schema.ts'
import { joinKey, parsePath, joinPath } from '../yaml/document-path.ts'
import type { Withheld } from '../host.ts'
import type { Expr } from './expression-state.ts'
import { Value, unknownValue } from './value.ts'

/**
 * What an expression came to, without what is withheld. Literal objects and lists are left as they are: each of their
 * entries went through here by itself.
 */
export function withholdOf(x: Expr, value: Value, withheld: Withheld): Value {
  if (x.kind === 'object' || x.kind === 'array' || x.kind === 'root') return value
  const path = x.node && valuePath(x.node.path)
  return path === undefined ? value : withhold(value, path, withheld)
}

/**
 * A value without the scalars that are withheld: each is an unknown, so whatever is made of one is unknown too. What it
 * was laid over is no longer told.
 */
export function withhold(value: Value, path: string, withheld: Withheld): Value {
  if (value.unknown) return value
  if (Array.isArray(value.repr)) {
    const elements = (value.repr as readonly Value[]).map((element, i) => withhold(element, `${path}[${i}]`, withheld))
    return new Value(value.def, elements, undefined, undefined, value)
  }
  if (!value.isMap) return withheld(path) ? unknownValue(value.def, ALWAYS, { secret: true }) : value
  const entries = value.keys().map((key) => [key, withhold(value.property(key) as Value, joinKey(path, key), withheld)] as const)
  const base = unknownBelow(value)
  return new Value(value.def, new Map(entries), undefined, base, value)
}

/** An object may lie over an unknown one; what is in that stays within reach. */
function unknownBelow(value: Value): Value | undefined {
  const { tail } = value.chain
  return typeof tail === 'string' ? undefined : tail
}

/**
 * Where an expression's value stands below `values`, from where it stands in the document; undefined for arguments of
 * calls, whose values stand nowhere. What is inside `fn::secret` stands where the secret does.
 */
export function valuePath(documentPath: string): string | undefined {
  const parts = parsePath(documentPath)
  if ('reason' in parts || parts[0] !== 'values') return undefined
  const inside = parts.slice(1).filter((part) => part !== 'fn::secret')
  return inside.some((part) => typeof part === 'string' && part.startsWith('fn::')) ? undefined : joinPath(inside)
}
