import type { Diagnostic } from '@headgate/model'
import { diagnosticAt } from '../diagnostics.ts'
import { compareBytes } from '../yaml/bytes.ts'
import type { YamlNode } from '../yaml/node.ts'
import { isCall, readCall } from './builtin-calls.ts'
import type { Expression, ObjectEntry } from './expression.ts'
import { parseInterpolation } from './interpolation.ts'

/** Reads a node as an expression; mistakes are reported and leave holes. */
export function parseExpression(node: YamlNode, diagnostics: Diagnostic[]): Expression {
  switch (node.kind) {
    case 'string':
      return parseString(node, diagnostics)
    case 'array':
      return { kind: 'array', node, elements: node.children.map((child) => parseExpression(child, diagnostics)) }
    case 'object':
      return parseObject(node, diagnostics)
    case 'boolean':
    case 'number':
      return { kind: node.kind, node, text: node.text }
    default:
      return { kind: 'null', node, text: '' }
  }
}

function parseString(node: YamlNode, diagnostics: Diagnostic[]): Expression {
  const parts = parseInterpolation(node, diagnostics)
  const [only] = parts
  if (!only) return { kind: 'string', node, text: node.text }
  if (parts.length === 1) {
    if (!only.access) return { kind: 'string', node, text: only.text }
    if (only.text === '') return { kind: 'reference', node, access: only.access }
  }
  return { kind: 'interpolation', node, parts }
}

function parseObject(node: YamlNode, diagnostics: Diagnostic[]): Expression {
  if (isCall(node, diagnostics)) return readCall(node, parseExpression(node.valueAt(0), diagnostics), diagnostics)
  const entries: ObjectEntry[] = []
  for (let i = 0; i < node.children.length; i += 2) {
    const keyNode = node.children[i] as YamlNode
    const key = parseKey(keyNode, diagnostics)
    entries.push({ key, keyNode, value: parseExpression(node.children[i + 1] as YamlNode, diagnostics) })
  }
  return { kind: 'object', node, entries: entries.slice(), order: evaluationOrder(entries) }
}

/** Keys in the order of their bytes, each once. */
export function evaluationOrder(entries: readonly { readonly key: string | undefined }[]): string[] {
  const keys = new Set<string>()
  for (const { key } of entries) if (key !== undefined) keys.add(key)
  return [...keys].toSorted(compareBytes)
}

function parseKey(node: YamlNode, diagnostics: Diagnostic[]): string | undefined {
  if (!node.text.includes('$')) return node.text
  const key = parseString(node, diagnostics)
  if (key.kind === 'string') return key.text
  diagnostics.push(diagnosticAt('LANG_SHAPE', 'object keys must be strings', node))
  return undefined
}
