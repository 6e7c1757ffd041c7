/** The functions of a file and how long each is. */
import { Visitor } from 'oxc-parser'
import type { Source } from './source.ts'

export interface FunctionSize {
  /** Its own name, or that of what it is assigned to; `(anonymous)` where there is none. */
  readonly name: string
  readonly line: number
  /** From its first line to its last, with all that stands between. */
  readonly lines: number
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** Calls that register tests: a function around them holds tests as a file does, and is not counted. */
const registers = new Set(['describe', 'suite', 'test', 'it'])

export function readFunctions(source: Source): FunctionSize[] {
  const names = new Map<number, string>()
  const open: Node[] = []
  const suites = new Set<Node>()
  const found: FunctionSize[] = []
  const nameValue = (name: Node, value: Node | null): void => {
    if (value !== null) names.set(value.start, source.text.slice(name.start, name.end))
  }
  const enter = (node: Node): void => void open.push(node)
  const leave = (node: Node & { readonly id?: Node | null; readonly body?: Node | null }): void => {
    open.pop()
    if (suites.has(node) || !node.body) return
    const line = source.lineAt(node.start)
    const own = node.id ? source.text.slice(node.id.start, node.id.end) : undefined
    found.push({ name: own ?? names.get(node.start) ?? '(anonymous)', line, lines: source.lineAt(node.end) - line + 1 })
  }
  new Visitor({
    VariableDeclarator: (node) => nameValue(node.id, node.init),
    AssignmentExpression: (node) => nameValue(node.left, node.right),
    Property: (node) => nameValue(node.key, node.value),
    PropertyDefinition: (node) => nameValue(node.key, node.value),
    MethodDefinition: (node) => nameValue(node.key, node.value),
    CallExpression: ({ callee }) => {
      if (callee.type === 'Identifier' && registers.has(callee.name)) for (const node of open) suites.add(node)
    },
    FunctionDeclaration: enter,
    FunctionExpression: enter,
    ArrowFunctionExpression: enter,
    'FunctionDeclaration:exit': leave,
    'FunctionExpression:exit': leave,
    'ArrowFunctionExpression:exit': leave,
  }).visit(source.program)
  return found
}
