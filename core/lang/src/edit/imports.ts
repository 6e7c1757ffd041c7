import type { Range } from '@headgate/model'
import type { Document } from '../syntax/document.ts'
import type { Accessor, Expression } from '../syntax/expression.ts'

export interface ImportReference {
  /** The name as written; for an inline reference `project/environment`. */
  readonly name: string
  readonly range: Range
  /** Whether its values are merged into the document's. */
  readonly merge: boolean
  /** Whether it is an element of `imports`, and not a reference `${environments.project.name.…}`. */
  readonly declared: boolean
}

/** The environments a document imports: those it lists, then those it refers to inline, each in the order of the text. */
export function importsOf(document: Document): ImportReference[] {
  const found: ImportReference[] = []
  for (const { name, node, merge } of document.imports) {
    if (name !== undefined) found.push({ name, range: node.range, merge, declared: true })
  }
  for (const { value } of document.values) visit(value, found)
  return found
}

function visit(expression: Expression, found: ImportReference[]): void {
  switch (expression.kind) {
    case 'reference':
      return add(expression.access, expression.node.range, found)
    case 'interpolation':
      for (const part of expression.parts) if (part.access) add(part.access, expression.node.range, found)
      return
    case 'array':
      return expression.elements.forEach((element) => visit(element, found))
    case 'object':
      return expression.entries.forEach((entry) => visit(entry.value, found))
    case 'call':
      return Object.values(expression.inputs).forEach((input) => input && visit(input, found))
    default:
  }
}

function add(access: readonly Accessor[], range: Range, found: ImportReference[]): void {
  const [first, project, name] = access.map((accessor) => accessor.key)
  if (first !== 'environments' || typeof project !== 'string' || typeof name !== 'string') return
  found.push({ name: `${project}/${name}`, range, merge: false, declared: false })
}
