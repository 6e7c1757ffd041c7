/** What a file takes from its surroundings without importing it: the clock, timers, chance, the network, the process. */
import { Visitor } from 'oxc-parser'
import type { Source } from './source.ts'

export interface GlobalUse {
  /** As written: `process`, `Date.now`, `new Date()`, `crypto.subtle`. */
  readonly what: string
  readonly line: number
}

/** Names that stand for the surroundings wherever they are not a file's own. */
const names = new Set([
  'process', 'Buffer', 'require', '__dirname', '__filename', 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'performance', 'setTimeout',
  'setInterval', 'setImmediate', 'localStorage', 'document', 'window',
]) // prettier-ignore

/** Of an object that is otherwise harmless, the members that are not. */
const members = new Set(['Date.now', 'Math.random', 'crypto.subtle', 'crypto.getRandomValues', 'crypto.randomUUID'])

/**
 * The uses of such globals in a file. A name the file declares or imports anywhere is taken for its own throughout, so a
 * parameter called `process` is no finding.
 */
export function readGlobals(source: Source): GlobalUse[] {
  const declared = declaredNames(source)
  const notReferences = nameOffsets(source)
  const found: GlobalUse[] = []
  const seen = new Set<number>()
  // `{ process }` is both a key and a reference, at one place.
  const add = (what: string, offset: number): void => {
    if (!seen.has(offset)) found.push({ what, line: source.lineAt(offset) })
    seen.add(offset)
  }
  new Visitor({
    Identifier: (node) => {
      if (names.has(node.name) && !declared.has(node.name) && !notReferences.has(node.start)) add(node.name, node.start)
    },
    MemberExpression: (node) => {
      const written = source.text.slice(node.start, node.end).replaceAll('?.', '.')
      const plain = written.replace(/^globalThis\./, '')
      if (members.has(plain) && !declared.has(plain.split('.')[0] ?? '')) add(plain, node.start)
      else if (plain !== written && names.has(plain)) add(plain, node.start)
    },
    NewExpression: (node) => {
      if (isNamed(node.callee, 'Date') && node.arguments.length === 0 && !declared.has('Date')) add('new Date()', node.start)
    },
    CallExpression: (node) => {
      if (isNamed(node.callee, 'Date') && !declared.has('Date')) add('Date()', node.start)
    },
  }).visit(source.program)
  return found
}

function isNamed(node: { readonly type: string; readonly name?: unknown }, name: string): boolean {
  return node.type === 'Identifier' && node.name === name
}

/** Where a name only names: a member, a key, a type. */
function nameOffsets(source: Source): Set<number> {
  const offsets = new Set<number>()
  const key = (node: { readonly computed: boolean; readonly key: { readonly start: number } }): void => {
    if (!node.computed) offsets.add(node.key.start)
  }
  new Visitor({
    MemberExpression: (node) => void (node.computed || offsets.add(node.property.start)),
    Property: (node) => void (node.shorthand || key(node)),
    MethodDefinition: key,
    PropertyDefinition: key,
    TSPropertySignature: key,
    TSMethodSignature: key,
    TSTypeReference: (node) => void offsets.add(node.typeName.start),
    TSTypeQuery: (node) => void offsets.add(node.exprName.start),
    TSQualifiedName: (node) => void offsets.add(node.left.start).add(node.right.start),
    TSInterfaceHeritage: (node) => void offsets.add(node.expression.start),
    TSClassImplements: (node) => void offsets.add(node.expression.start),
  }).visit(source.program)
  return offsets
}

function declaredNames(source: Source): Set<string> {
  const declared = new Set<string>()
  const add = (node: unknown): void => collectNames(node as PatternNode, declared)
  new Visitor({
    ImportDeclaration: (node) => node.specifiers.forEach((specifier) => declared.add(specifier.local.name)),
    VariableDeclarator: (node) => add(node.id),
    FunctionDeclaration: (node) => [node.id, ...node.params].forEach(add),
    FunctionExpression: (node) => [node.id, ...node.params].forEach(add),
    ArrowFunctionExpression: (node) => node.params.forEach(add),
    ClassDeclaration: (node) => add(node.id),
    CatchClause: (node) => add(node.param),
  }).visit(source.program)
  return declared
}

interface PatternNode {
  readonly type?: string
  readonly name?: string
  readonly [part: string]: unknown
}

/** Every name a pattern binds: `{ a, b: [c], ...d }` binds a, c and d. */
function collectNames(node: PatternNode | null | undefined, into: Set<string>): void {
  if (node === null || node === undefined) return
  if (node.type === 'Identifier' && node.name !== undefined) into.add(node.name)
  for (const part of ['left', 'argument', 'value', 'parameter']) collectNames(node[part] as PatternNode | undefined, into)
  for (const part of ['elements', 'properties'])
    for (const item of (node[part] as PatternNode[] | undefined) ?? []) collectNames(item, into)
}
