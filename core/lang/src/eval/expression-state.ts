import type { Diagnostic, Range } from '@headgate/model'
import { ALWAYS, type Schema } from '../schema/schema.ts'
import type { CallExpression, Expression, Part } from '../syntax/expression.ts'
import { joinKey } from '../yaml/document-path.ts'
import type { YamlNode } from '../yaml/node.ts'
import { declaredSchema } from './declared-schema.ts'
import type { Value } from './value.ts'

export const DECLARED = 0
export const EVALUATING = 1
export const DONE = 2

/** A depth no evaluation has: the circle of what is in none. A small integer, which costs no memory of its own. */
export const NO_CIRCLE = 2 ** 30

/** An array's elements, an object's properties or a call's arguments, what the accessors of each reference came to. */
type Inside = readonly Expr[] | ReadonlyMap<string, Expr> | (readonly (Expr | undefined)[] | undefined)[]

/**
 * One expression of a document during one evaluation: its state, and what it came to.
 *
 * `kind` is that of the parsed expression, or: `missing` for a hole a parse error left, `root` for all of `values`,
 * `access` for the made-up base an object has over a property of an unknown, `outside` for what no document wrote.
 */
export class Expr {
  readonly kind: Expression['kind'] | 'missing' | 'root' | 'access' | 'outside'
  readonly expression: Expression | undefined
  readonly node: YamlNode | undefined
  readonly #parent: Expr | undefined
  readonly #key: string | number
  /** What the value is laid over. */
  readonly base: Value | undefined
  state = DECLARED
  value: Value | undefined
  /** Depth in the stack of evaluations while evaluating. */
  depth = 0
  missingIn = 0
  boundTo = NO_CIRCLE
  secret = false
  /** What evaluating it took beside what it came to, in values looked at. */
  cost = 0
  /** An argument that only rotation needs, left out this time. */
  skipped = false
  diagnostics: Diagnostic[] | undefined
  /** What there is inside it, by its kind. */
  inside: Inside | undefined
  /** For a call of a provider or rotator: what it takes. */
  taken: { inputs: Schema; state: Schema } | undefined
  /** For `access`: the unknown that is accessed, the property, and what is known of that. */
  accessOf: { readonly receiver: Value; readonly key: string; readonly schema: Schema } | undefined

  constructor(
    kind: Expr['kind'],
    expression: Expression | undefined,
    node: YamlNode | undefined,
    base: Value | undefined,
    parent?: Expr,
    key: string | number = '',
  ) {
    this.kind = kind
    this.expression = expression
    this.node = node
    this.base = base
    this.#parent = parent
    this.#key = key
  }

  /** The path as messages about circles name it: from the root of `values`, or from the argument it is in. */
  get path(): string {
    if (!this.#parent) return typeof this.#key === 'string' ? this.#key : ''
    const path = this.#parent.path
    if (typeof this.#key === 'number') return `${path}[${this.#key}]`
    return joinKey(path, this.#key)
  }

  /** Of an array. */
  get elements(): readonly Expr[] | undefined {
    return this.kind === 'array' ? (this.inside as readonly Expr[] | undefined) : undefined
  }

  /** Of an object. */
  get properties(): ReadonlyMap<string, Expr> | undefined {
    return this.kind === 'object' || this.kind === 'root' ? (this.inside as ReadonlyMap<string, Expr> | undefined) : undefined
  }

  /** A call's arguments by name. */
  get inputs(): ReadonlyMap<string, Expr> | undefined {
    return this.kind === 'call' ? (this.inside as ReadonlyMap<string, Expr> | undefined) : undefined
  }

  /** For each reference in a text, what its accessors came to: only where that is defined is ever shown. */
  get accessed(): (readonly (Expr | undefined)[] | undefined)[] | undefined {
    const follows = this.kind === 'reference' || this.kind === 'interpolation'
    return follows ? (this.inside as (readonly (Expr | undefined)[] | undefined)[] | undefined) : undefined
  }

  get range(): Range | undefined {
    return this.node?.range
  }

  /** The schema before evaluation. */
  get declared(): Schema {
    if (this.expression) return declaredSchema(this.expression)
    return this.accessOf?.schema ?? ALWAYS
  }

  get schema(): Schema {
    return this.value && !this.skipped ? this.value.schema : this.declared
  }

  get call(): CallExpression {
    return this.expression as CallExpression
  }

  get parts(): readonly Part[] {
    if (this.expression?.kind === 'interpolation') return this.expression.parts
    if (this.expression?.kind === 'reference') return [{ text: '', access: this.expression.access }]
    return []
  }

  /** Back to the state before evaluation, as if it had never been looked at. */
  reset(): void {
    this.state = DECLARED
    this.value = undefined
    this.diagnostics = undefined
  }
}

/** An expression for something that no text of this run defines. */
export function outside(node?: YamlNode): Expr {
  const expr = new Expr('outside', undefined, node, undefined)
  expr.state = DONE
  return expr
}
