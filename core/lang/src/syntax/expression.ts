import type { Range } from '@headgate/model'
import type { Schema } from '../schema/schema.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { BuiltinName } from './builtin-calls.ts'

/** One step of a reference: a property's name or an element's index. */
export interface Accessor {
  readonly key: string | number
  /** An index as it is written, where a number would lose digits of it. */
  readonly digits: string | undefined
  /** Absent where the scalar's text does not tell places apart: quoted, tagged and block scalars. */
  readonly range: Range | undefined
}

/** An accessor's index, to its last digit. */
export function indexText({ key, digits }: Accessor): string {
  return digits ?? String(key)
}

/** A piece of a string: some text, then a reference if one follows. */
export interface Part {
  readonly text: string
  readonly access?: readonly Accessor[]
}

export interface LiteralExpression {
  readonly kind: 'null' | 'boolean' | 'number' | 'string'
  readonly node: YamlNode | undefined
  /** Text of the literal; `$$` is already one `$`. */
  readonly text: string
  /** The schema of just this value, kept from the first evaluation on: documents outlive evaluations. */
  constant?: Schema
}

export interface InterpolationExpression {
  readonly kind: 'interpolation'
  readonly node: YamlNode
  readonly parts: readonly Part[]
}

/** A reference alone in its scalar: it keeps the type of what it names. */
export interface ReferenceExpression {
  readonly kind: 'reference'
  readonly node: YamlNode
  readonly access: readonly Accessor[]
}

export interface ArrayExpression {
  readonly kind: 'array'
  readonly node: YamlNode
  readonly elements: readonly Expression[]
}

export interface ObjectEntry {
  /** Absent where the key is no plain text; such an entry is left out of the value. */
  readonly key: string | undefined
  readonly keyNode: YamlNode
  readonly value: Expression
}

export interface ObjectExpression {
  readonly kind: 'object'
  readonly node: YamlNode
  readonly entries: readonly ObjectEntry[]
  /** The keys in the order of evaluation, each once. */
  readonly order: readonly string[]
}

/** A call of a builtin function. */
export interface CallExpression {
  readonly kind: 'call'
  readonly builtin: BuiltinName
  /** The object that holds the call. */
  readonly node: YamlNode
  /** The key as written, for example `fn::open::aws`. */
  readonly name: string
  readonly nameNode: YamlNode
  readonly argument: Expression
  /** The parts of the argument the function evaluates, by its own names; one that is missing is absent. */
  readonly inputs: Readonly<Record<string, Expression | undefined>>
  /** Provider or rotator; absent where the call does not name one rightly. */
  readonly provider?: string
}

export type Expression =
  | LiteralExpression
  | InterpolationExpression
  | ReferenceExpression
  | ArrayExpression
  | ObjectExpression
  | CallExpression
