import type { Diagnostic, Range } from '@headgate/model'
import { ALWAYS, type Schema } from '../schema/schema.ts'
import type { CallExpression, Expression, Part } from '../syntax/expression.ts'
import { joinKey } from '../yaml/document-path.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { Value } from './value.ts'

export const DECLARED = 0
export const EVALUATING = 1
export const DONE = 2

/** A depth no evaluation has: the circle of what is in none. A small integer, which costs no memory of its own. */
export const NO_CIRCLE = 2 ** 30

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
  /** The schema before evaluation. */
  declared: Schema
  state = DECLARED
  value: Value | undefined
  /** Depth in the stack of evaluations while evaluating. */
  depth = 0
  missingIn = 0
  outerCircle = 0
  provisionalFrom = 0
  boundTo = NO_CIRCLE
  secret = false
  /** What evaluating it took beside what it came to, in values looked at. */
  cost = 0
  /** An argument that only rotation needs, left out this time. */
  skipped = false
  diagnostics: Diagnostic[] | undefined
  elements: readonly Expr[] | undefined
  properties: ReadonlyMap<string, Expr> | undefined
  /** A call's arguments by name. */
  inputs: ReadonlyMap<string, Expr> | undefined
  /** For each reference, what its accessors came to: only where that is defined is ever shown. */
  accessed: (Expr | undefined)[][] | undefined
  inputSchema: Schema | undefined
  stateSchema: Schema | undefined
  /** For `access`: the unknown that is accessed, and the property. */
  receiver: Value | undefined
  accessedKey = ''

  constructor(
    kind: Expr['kind'],
    expression: Expression | undefined,
    node: YamlNode | undefined,
    declared: Schema,
    base: Value | undefined,
    parent?: Expr,
    key: string | number = '',
  ) {
    this.kind = kind
    this.expression = expression
    this.node = node
    this.declared = declared
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

  get range(): Range | undefined {
    return this.node?.range
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
  const expr = new Expr('outside', undefined, node, ALWAYS, undefined)
  expr.state = DONE
  return expr
}
