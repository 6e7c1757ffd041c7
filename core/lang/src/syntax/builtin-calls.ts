import type { Diagnostic } from '@headgate/model'
import { diagnosticAt, plainDiagnostic } from '../diagnostics.ts'
import { quote } from '../text/quote.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { CallExpression, Expression, LiteralExpression, ObjectExpression } from './expression.ts'

/** The builtin functions. A new one: its reader here, its evaluation in eval/builtins.ts, its line in docs/reference/language.md. */
export const BUILTIN_NAMES = [
  'concat',
  'final',
  'fromBase64',
  'fromJSON',
  'join',
  'open',
  'rotate',
  'secret',
  'split',
  'toBase64',
  'toJSON',
  'toString',
  'toYAML',
  'validate',
] as const

export type BuiltinName = (typeof BUILTIN_NAMES)[number]

/** What a reader makes of a call's argument. */
interface ReadArguments {
  readonly inputs: Readonly<Record<string, Expression | undefined>>
  readonly provider?: string
}

type Report = (message: string, expression: Expression) => void
type ArgumentReader = (argument: Expression, report: Report) => ReadArguments

const READERS: Readonly<Record<BuiltinName, ArgumentReader>> = {
  concat: readConcat,
  final: readAny,
  fromBase64: readAny,
  fromJSON: readAny,
  join: (argument, report) => readPair(argument, report, 'join', ['delimiter', 'values']),
  open: readOpen,
  rotate: readRotate,
  secret: readSecret,
  split: (argument, report) => readPair(argument, report, 'split', ['delimiter', 'string']),
  toBase64: readAny,
  toJSON: readAny,
  toString: readAny,
  toYAML: readAny,
  validate: readValidate,
}

/**
 * The builtin a key calls, with the provider of the short forms `fn::open::p` and `fn::rotate::p`; undefined for any
 * other key.
 */
export function builtinOf(key: string): { readonly builtin: BuiltinName; readonly provider?: string } | undefined {
  const name = key.slice('fn::'.length)
  if (Object.hasOwn(READERS, name)) return { builtin: name as BuiltinName }
  if (name.startsWith('open::')) return { builtin: 'open', provider: name.slice('open::'.length) }
  if (name.startsWith('rotate::')) return { builtin: 'rotate', provider: name.slice('rotate::'.length) }
  return undefined
}

/** Whether an object could be a call: it has exactly one key, and that names a builtin. Reports keys that only look like one. */
export function isCall(node: YamlNode, diagnostics: Diagnostic[]): boolean {
  if (node.size !== 1) {
    for (let i = 0; i < node.size; i++) {
      const key = node.keyAt(i).text
      if (!key.startsWith('fn::')) continue
      const message = `illegal call to builtin function: ${quote(key)} must be the only key within its containing object`
      diagnostics.push(diagnosticAt('LANG_CALL', message, node))
    }
    return false
  }
  const key = node.keyAt(0).text
  if (key.startsWith('fn::') && builtinOf(key)) return true
  if (key.slice(0, 4).toLowerCase() === 'fn::') {
    diagnostics.push(diagnosticAt('LANG_CALL', "'fn::' is a reserved prefix", node, 'error', node.keyAt(0).range))
  }
  return false
}

/** The call an object makes, its argument already read as an expression. */
export function readCall(node: YamlNode, argument: Expression, diagnostics: Diagnostic[]): CallExpression {
  const nameNode = node.keyAt(0)
  const name = nameNode.text
  const { builtin, provider } = builtinOf(name) as { builtin: BuiltinName; provider?: string }
  const report: Report = (message, at) => diagnostics.push(atExpression(message, at))
  const read = provider === undefined ? READERS[builtin](argument, report) : readShort(builtin, argument, provider, report)
  const call = { kind: 'call', builtin, node, name, nameNode, argument, inputs: read.inputs } as const
  return read.provider === undefined ? call : { ...call, provider: read.provider }
}

function atExpression(message: string, expression: Expression): Diagnostic {
  return expression.node ? diagnosticAt('LANG_CALL', message, expression.node) : plainDiagnostic('LANG_CALL', message)
}

function readAny(argument: Expression): ReadArguments {
  return { inputs: { value: argument } }
}

function readConcat(argument: Expression, report: Report): ReadArguments {
  if (argument.kind !== 'array') report('the argument to fn::concat must be an array of arrays', argument)
  return { inputs: { value: argument } }
}

function readPair(argument: Expression, report: Report, name: string, keys: readonly [string, string]): ReadArguments {
  if (argument.kind !== 'array' || argument.elements.length !== 2) {
    report(`the argument to fn::${name} must be a two-valued list`, argument)
    return { inputs: {} }
  }
  return { inputs: { [keys[0]]: argument.elements[0], [keys[1]]: argument.elements[1] } }
}

function readSecret(argument: Expression, report: Report): ReadArguments {
  if (argument.kind === 'object' && argument.entries.length === 1) {
    const entry = argument.entries[0] as ObjectExpression['entries'][number]
    if (entry.key === 'ciphertext' && entry.value.kind === 'string') return { inputs: { ciphertext: entry.value } }
  }
  if (argument.kind === 'string') return { inputs: { plaintext: argument } }
  report('secret values must be string literals', argument)
  return { inputs: { plaintext: { kind: 'string', node: undefined, text: '' } } }
}

function readValidate(argument: Expression, report: Report): ReadArguments {
  if (argument.kind !== 'object') {
    report("the argument to fn::validate must be an object containing 'schema' and 'value'", argument)
    return { inputs: {} }
  }
  const schema = lastEntry(argument, 'schema')
  const value = lastEntry(argument, 'value')
  if (!schema) report("missing required property 'schema'", argument)
  if (!value) report("missing required property 'value'", argument)
  return { inputs: { schema, value } }
}

function readOpen(argument: Expression, report: Report): ReadArguments {
  if (argument.kind !== 'object') {
    report("the argument to fn::open must be an object containing 'provider' and 'inputs'", argument)
    return { inputs: {} }
  }
  const named = readProvider(argument, report)
  const inputs = readInputs(argument, report)
  return { inputs: { provider: named.expression, inputs }, ...named.provider }
}

function readRotate(argument: Expression, report: Report): ReadArguments {
  if (argument.kind !== 'object') {
    report("the argument to fn::rotate must be an object containing 'provider', 'inputs' and 'state'", argument)
    return { inputs: {} }
  }
  const named = readProvider(argument, report)
  const inputs = readInputs(argument, report)
  return { inputs: { provider: named.expression, inputs, state: readState(argument, report) }, ...named.provider }
}

function readShort(builtin: BuiltinName, argument: Expression, provider: string, report: Report): ReadArguments {
  if (builtin === 'open') return { inputs: { inputs: argument }, provider }
  if (argument.kind !== 'object') {
    report("the argument to fn::rotate must be an object containing 'inputs' and 'state'", argument)
    return { inputs: {} }
  }
  return { inputs: { inputs: readInputs(argument, report), state: readState(argument, report) }, provider }
}

function readProvider(argument: ObjectExpression, report: Report): { expression?: Expression; provider?: { provider: string } } {
  const expression = lastEntry(argument, 'provider')
  if (!expression) {
    report("missing provider name ('provider')", argument)
    return {}
  }
  if (expression.kind !== 'string') {
    report('provider name must be a string literal', expression)
    return {}
  }
  return { expression, provider: { provider: expression.text } }
}

function readInputs(argument: ObjectExpression, report: Report): Expression | undefined {
  const inputs = lastEntry(argument, 'inputs')
  if (!inputs) report("missing provider inputs ('inputs')", argument)
  return inputs
}

/** An absent state is a null without a place; what is there must be an object literal, but is evaluated anyway. */
function readState(argument: ObjectExpression, report: Report): Expression {
  const state = lastEntry(argument, 'state')
  if (!state) return NO_STATE
  if (state.kind !== 'object') report('rotation state must be an object literal', state)
  return state
}

const NO_STATE: LiteralExpression = { kind: 'null', node: undefined, text: '' }

function lastEntry(object: ObjectExpression, key: string): Expression | undefined {
  return object.entries.findLast((entry) => entry.key === key)?.value
}
